using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Data;

/// <summary>A data set that is absent, truncated, or not what its checksum says.</summary>
public sealed class DataException(string message, Exception? inner = null) : EdgeSparseException(message, inner);
