namespace EdgeSparse.Compiler.Recipes;

/// <summary>What is wrong with an option record as a whole.</summary>
/// <param name="Property">The C# property at fault, which the reader turns into a place in the recipe.</param>
/// <param name="Message">What is wrong and what is allowed.</param>
public sealed record OptionFault(string Property, string Message);

/// <summary>
/// Rules between the values of an option record that a range of one value cannot say. Checked when a recipe is read, before
/// any work.
/// </summary>
public interface IOptionRules
{
    /// <summary>The first rule broken, or null.</summary>
    OptionFault? FirstFault();
}

/// <summary>Marks an option whose keys (of a dictionary) or items (of a list) are names of prunable layers of the model.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LayerNamesAttribute : Attribute;

/// <summary>A layer that a recipe names, to be looked up in the model before any work.</summary>
/// <param name="Name">As the recipe spells it.</param>
/// <param name="Where">Where it does.</param>
/// <param name="Options">What it says about the layer; null for an item of a list.</param>
public sealed record LayerReference(string Name, SourceLocation Where, object? Options);
