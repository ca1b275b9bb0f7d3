using System.Collections.Immutable;
using EdgeSparse.Compiler.Data.Downloads;

namespace EdgeSparse.Compiler.Data;

/// <summary>A set that the catalog knows by name.</summary>
/// <param name="Name">As in recipes and <c>--data</c>.</param>
/// <param name="Description">One line for <c>data list</c>.</param>
/// <param name="ClassNames">One a class, in label order.</param>
/// <param name="Sources">What is downloaded; empty for a set that is made on the spot.</param>
public sealed record DatasetEntry(
    string Name, string Description, ImmutableArray<string> ClassNames, ImmutableArray<DatasetSource> Sources);
