using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Files;

/// <summary>Weights that were read but do not fit the network.</summary>
public sealed class WeightsException(string message) : EdgeSparseException(message);
