namespace EdgeSparse.Runtime;

/// <summary>
/// The base of every error that is the input's or the environment's fault, not the program's. Its message is one line that
/// says what is wrong and, where that is known, what to do; a command line prints it as it stands.
/// </summary>
public class EdgeSparseException(string message, Exception? inner = null) : Exception(message, inner);
