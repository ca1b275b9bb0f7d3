using System.Globalization;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Files;

/// <summary>
/// Names of weights that differ from one PyTorch program to the next for the same network: all under <c>module.</c> after
/// training on several devices, the classifier <c>fc</c> or <c>linear</c>, a block's shortcut <c>downsample</c> or <c>shortcut</c>,
/// and MobileNetV1's layers by number, <c>model.BLOCK.PLACE</c>.
/// </summary>
internal static class StateDictionary
{
    private const string Parallel = "module.";

    private static readonly (string Theirs, string Ours)[] Synonyms =
        [("fc.", "linear."), ("linear.", "fc."), (".downsample.", ".shortcut."), (".shortcut.", ".downsample.")];

    /// <summary>The tensors under the graph's names where it has such a name, else under their own.</summary>
    public static IReadOnlyDictionary<string, Weight> Named(IReadOnlyDictionary<string, Weight> tensors, Graph graph)
    {
        bool parallel = tensors.Count > 0 && tensors.Keys.All(n => n.StartsWith(Parallel, StringComparison.Ordinal));
        Dictionary<string, Weight> own = tensors.Values.ToDictionary(t => parallel ? t.Name[Parallel.Length..] : t.Name);
        Dictionary<string, Weight> named = [];
        foreach ((string name, Weight tensor) in own)
        {
            // Where a file has both names of one weight, each keeps its own, and one is too many.
            string other = NameIn(graph, name);
            string taken = own.ContainsKey(other) ? name : other;
            named[taken] = tensor.Renamed(taken);
        }

        return named;
    }

    private static string NameIn(Graph graph, string name) => graph.Weights.ContainsKey(name)
        ? name
        : Synonyms.Select(s => Replaced(name, s.Theirs, s.Ours)).Append(OfMobileNet(name)).FirstOrDefault(graph.Weights.ContainsKey, name);

    /// <summary>A part that begins with a dot may stand anywhere, another at the beginning alone.</summary>
    private static string Replaced(string name, string part, string by) =>
        part[0] == '.' ? name.Replace(part, by, StringComparison.Ordinal)
        : name.StartsWith(part, StringComparison.Ordinal) ? by + name[part.Length..]
        : name;

    /// <summary>The usual program numbers blocks, and within a block: convolution 0, normalisation 1, pointwise convolution 3 and 4.</summary>
    private static string OfMobileNet(string name) =>
        name.Split('.') is ["model", string block, string place, string parameter]
        && int.TryParse(block, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? (number, place) switch
            {
                (0, "0") => $"conv1.{parameter}",
                (0, "1") => $"conv1_bn.{parameter}",
                (_, "0") => $"conv_dw_{number}.{parameter}",
                (_, "1") => $"conv_dw_{number}_bn.{parameter}",
                (_, "3") => $"conv_pw_{number}.{parameter}",
                (_, "4") => $"conv_pw_{number}_bn.{parameter}",
                _ => name,
            }
            : name;
}
