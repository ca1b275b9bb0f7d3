namespace EdgeSparse.Compiler.Recipes;

/// <summary>Where a value of a recipe stands: a line and column (both from 1) of a file, or an option of the command line.</summary>
/// <param name="Origin">The file as the user named it, or for example <c>--set prune.sparsity=2</c>.</param>
/// <param name="Line">From 1; 0 when the origin has no lines.</param>
/// <param name="Column">In characters, from 1; 0 when the origin has no lines.</param>
public sealed record SourceLocation(string Origin, int Line = 0, int Column = 0)
{
    /// <summary><c>recipe.json:12:7</c>, as editors and terminals understand it.</summary>
    public override string ToString() => Line == 0 ? Origin : $"{Origin}:{Line}:{Column}";
}
