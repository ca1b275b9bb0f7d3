using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Recipes;

/// <summary>A recipe that cannot be followed: the message begins with the place and says what was found and what is allowed.</summary>
public sealed class RecipeException : EdgeSparseException
{
    public RecipeException(SourceLocation where, string message)
        : base(OneLine($"{where}: {message}"))
    {
        Where = where;
    }

    public SourceLocation Where { get; }

    /// <summary>What was found may hold anything, also line ends.</summary>
    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
