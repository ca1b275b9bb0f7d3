namespace EdgeSparse.Compiler.Recipes;

/// <summary>A value that replaces one of the recipe's.</summary>
/// <param name="Path">For example <c>prune.sparsity</c>.</param>
/// <param name="Value">JSON, or else a text.</param>
/// <param name="Origin">What messages call the place, for example <c>--set prune.sparsity=2</c>.</param>
public sealed record RecipeOverride(string Path, string Value, string Origin)
{
    /// <summary>Reads <c>path.to.key=value</c>.</summary>
    /// <exception cref="RecipeException">There is no '='.</exception>
    public static RecipeOverride Parse(string text)
    {
        string origin = $"--set {text}";
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? new RecipeOverride(text[..equals], text[(equals + 1)..], origin)
            : throw new RecipeException(new SourceLocation(origin), "an override has the form path.to.key=value");
    }
}
