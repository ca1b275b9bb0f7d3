using System.CommandLine;
using System.CommandLine.Parsing;
using EdgeSparse.Compiler.Recipes;
using EdgeSparse.Compiler.Verification;

namespace EdgeSparse.Cli.Verbs;

/// <summary>The option <c>--peers onnxruntime,xnnpack</c>.</summary>
internal static class PeersOption
{
    private static readonly Dictionary<string, BenchPeers> Names = new()
    {
        ["onnxruntime"] = BenchPeers.OnnxRuntime,
        ["xnnpack"] = BenchPeers.Xnnpack,
        ["all"] = BenchPeers.All,
    };

    public static Option<BenchPeers> Create() => new("--peers")
    {
        Description = "whom to measure with --against: onnxruntime, xnnpack (dense and sparse), with commas between them, or all",
        HelpName = "P,P…",
        CustomParser = Parse,
        DefaultValueFactory = _ => BenchPeers.All,
    };

    private static BenchPeers Parse(ArgumentResult result)
    {
        BenchPeers peers = BenchPeers.None;
        foreach (string word in result.Tokens.Single().Value.Split(','))
        {
            if (!Names.TryGetValue(word, out BenchPeers peer))
            {
                result.AddError($"there is no peer '{word}'{NearMatch.Advice(word, [.. Names.Keys])}");
                return BenchPeers.None;
            }

            peers |= peer;
        }

        return peers;
    }
}
