using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Files;

/// <summary>A file that is no valid safetensors file.</summary>
public sealed class SafetensorsException(string message, Exception? inner = null) : EdgeSparseException(message, inner);
