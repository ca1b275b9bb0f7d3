namespace EdgeSparse.Compiler.Files.PyTorch;

/// <summary>
/// Finds the state dictionary in what a training program saved: it is all there is, or lies under one of a few usual keys beside
/// epoch, accuracy and optimizer.
/// </summary>
internal static class CheckpointSearch
{
    private const int Deepest = 8;

    private static readonly string[] UsualKeys = ["state_dict", "model_state_dict", "model", "net"];

    /// <summary>The tensors with their names.</summary>
    /// <exception cref="PyTorchFileException">There are none.</exception>
    public static IReadOnlyList<(string Name, TorchTensor Tensor)> TensorsOf(object? root)
    {
        PickleDictionary found = root as PickleDictionary ?? throw new PyTorchFileException($"it holds {PickleKind.Of(root)}, not a state dictionary");
        for (int depth = 0; Inner(found) is { } inner; depth++)
        {
            found = depth < Deepest ? inner : throw new PyTorchFileException($"its checkpoints lie in one another more than {Deepest} deep");
        }

        (string, TorchTensor)[] tensors = [.. found.Items.Where(i => i.Value is TorchTensor).Select(i => (i.Key, (TorchTensor)i.Value!))];
        return tensors.Length > 0
            ? tensors
            : throw new PyTorchFileException($"it has no tensors where a state dictionary should be; there {Keys(found)}");
    }

    private static PickleDictionary? Inner(PickleDictionary checkpoint) =>
        UsualKeys.Select(key => checkpoint[key]).OfType<PickleDictionary>().FirstOrDefault();

    private static string Keys(PickleDictionary found)
    {
        const int Shown = 5;
        string[] keys = [.. found.Items.Take(Shown).Select(i => $"'{i.Key}'")];
        int more = found.Items.Count - keys.Length;
        return keys.Length == 0 ? "is nothing" : $"is {string.Join(", ", keys)}{(more > 0 ? $" and {more} more" : "")}";
    }
}
