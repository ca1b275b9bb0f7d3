using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>A graph that cannot be: the message names the node or tensor, what is wrong, and what is supported.</summary>
public sealed class GraphException(string message, Exception? inner = null) : EdgeSparseException(message, inner);
