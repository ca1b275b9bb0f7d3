using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Data;

/// <summary>A set that the catalog knows by name.</summary>
/// <param name="Name">As in recipes and <c>--data</c>.</param>
/// <param name="Description">One line for <c>data list</c>.</param>
/// <param name="ClassNames">One a class, in label order; empty when the set brings its own.</param>
public sealed record DatasetEntry(string Name, string Description, ImmutableArray<string> ClassNames);
