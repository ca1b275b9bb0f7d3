using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Packing;

/// <summary>A graph that a blob cannot hold; the message names the layer or value, what is wrong, and what is possible.</summary>
public sealed class PackingException(string message, Exception? inner = null) : EdgeSparseException(message, inner);
