using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Recipes;

/// <summary>A recipe that cannot be followed: the message begins with the place and says what was found and what is allowed.</summary>
public sealed class RecipeException : EdgeSparseException
{
    public RecipeException(SourceLocation where, string message)
        : base($"{where}: {message}")
    {
        Where = where;
    }

    public SourceLocation Where { get; }
}
