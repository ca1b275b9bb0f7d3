namespace EdgeSparse.Runtime;

/// <summary>What was handed to a session does not have the shape of the network's input or output; the message states both.</summary>
public sealed class InputShapeException(string message) : EdgeSparseException(message);
