namespace EdgeSparse.Compiler.Data.Downloads;

/// <summary>What <c>data check</c> finds of one file.</summary>
/// <param name="Path">Where it is, or where it would be.</param>
/// <param name="State">Whether it is the official one.</param>
/// <param name="Detail">What is wrong, in one line; empty when nothing is.</param>
public sealed record FileCheck(string Path, FileState State, string Detail);

public enum FileState
{
    /// <summary>There, and its content has a known SHA-256.</summary>
    Right,

    Absent,

    /// <summary>Truncated, corrupt, or with another SHA-256.</summary>
    Damaged,
}
