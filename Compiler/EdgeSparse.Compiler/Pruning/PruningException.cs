using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>A pruning request that cannot be met: an unknown layer, a layer that would lose all its weights, a bad target.</summary>
public sealed class PruningException(string message, Exception? inner = null) : EdgeSparseException(message, inner);
