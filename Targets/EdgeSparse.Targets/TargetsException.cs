using EdgeSparse.Runtime;

namespace EdgeSparse.Targets;

/// <summary>A target that is unknown or cannot be built for here; the message says what is missing and how to get it.</summary>
public sealed class TargetsException(string message, Exception? inner = null) : EdgeSparseException(message, inner);
