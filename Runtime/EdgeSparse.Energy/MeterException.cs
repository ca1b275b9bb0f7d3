using EdgeSparse.Runtime;

namespace EdgeSparse.Energy;

/// <summary>A meter that is absent, refuses to be read, or stops; the message says which, and what to do.</summary>
public sealed class MeterException(string message, Exception? inner = null) : EdgeSparseException(message, inner);

/// <summary>The text that names a meter means nothing.</summary>
public sealed class MeterSpecException(string message) : EdgeSparseException(message);
