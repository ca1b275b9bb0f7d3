namespace EdgeSparse.Runtime.Inputs;

/// <summary>A sample file is absent, truncated or not what it says it is; the message names the file and the fault.</summary>
public sealed class InputFormatException(string message, Exception? inner = null) : EdgeSparseException(message, inner);
