namespace EdgeSparse.Runtime.Blob;

/// <summary>The bytes are no valid .esb blob; the message says what is wrong and where.</summary>
public sealed class BlobFormatException(string message, Exception? inner = null) : EdgeSparseException(message, inner);
