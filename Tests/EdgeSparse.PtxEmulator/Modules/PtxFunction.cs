namespace EdgeSparse.PtxEmulator.Modules;

/// <summary>A variable of a parameter's or of shared memory.</summary>
/// <param name="Alignment">Bytes.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Offset">Where it lies among its like.</param>
public sealed record PtxVariable(string Name, int Alignment, int Bytes, int Offset);

/// <summary>A function or an entry point.</summary>
public sealed class PtxFunction
{
    public required string Name { get; init; }

    /// <summary>In the order in which they are passed.</summary>
    public required IReadOnlyList<PtxVariable> Parameters { get; init; }

    /// <summary>What the function gives back, or null.</summary>
    public required PtxVariable? Result { get; init; }

    /// <summary>Registers by the beginning of their names, <c>%r</c> for example: type and how many.</summary>
    internal Dictionary<string, (string Type, int Count)> Registers { get; } = [];

    /// <summary>Parameters of calls by name, with their types.</summary>
    internal Dictionary<string, string> CallVariables { get; } = [];

    internal List<Statement> Body { get; } = [];

    /// <summary>The number of the statement that a label stands before.</summary>
    internal Dictionary<string, int> Labels { get; } = [];

    /// <summary>Lists of labels, by the label before each.</summary>
    internal Dictionary<string, IReadOnlyList<string>> BranchTargets { get; } = [];
}
