namespace EdgeSparse.Runtime.Cuda;

/// <summary>A GPU, or its driver, failed; the session that tells so is of no more use. The message is one line.</summary>
public sealed class CudaException(string message) : EdgeSparseException(message);
