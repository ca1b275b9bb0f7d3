namespace EdgeSparse.PtxEmulator.Modules;

/// <summary>What an instruction works on.</summary>
/// <param name="Name">A register, label or variable; null for a number or a list.</param>
/// <param name="Number">A number as it is written, or null.</param>
/// <param name="Offset">Bytes added to an address.</param>
/// <param name="IsAddress">Whether it stood in brackets.</param>
/// <param name="Names">What stood in braces or parentheses, or null.</param>
internal sealed record Operand(string? Name, string? Number = null, int Offset = 0, bool IsAddress = false, IReadOnlyList<string>? Names = null);

/// <summary>An instruction as it is written.</summary>
/// <param name="Line">Where it stands in the text, from 1 on.</param>
/// <param name="Guard">The predicate that a branch depends on, or null.</param>
/// <param name="IsGuardNegated">Whether it is taken where the predicate is false.</param>
/// <param name="Opcode">With its types.</param>
/// <param name="Operands">In their order.</param>
internal sealed record Statement(int Line, string? Guard, bool IsGuardNegated, string Opcode, IReadOnlyList<Operand> Operands)
{
    public override string ToString() =>
        (Guard is null ? "" : $"@{(IsGuardNegated ? "!" : "")}{Guard} ") + Opcode + " " + string.Join(", ", Operands.Select(Text));

    private static string Text(Operand operand)
    {
        string inner = operand.Names is { } names ? $"{{{string.Join(", ", names)}}}" : operand.Name ?? operand.Number!;
        return operand.IsAddress ? $"[{inner}{(operand.Offset == 0 ? "" : $"+{operand.Offset}")}]" : inner;
    }
}
