using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Files.PyTorch;

/// <summary>A file that is no PyTorch state dictionary, is damaged, or names something that is never made from a file.</summary>
public sealed class PyTorchFileException(string message, Exception? inner = null) : EdgeSparseException(message, inner);
