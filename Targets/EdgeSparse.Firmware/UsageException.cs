namespace EdgeSparse.Firmware;

/// <summary>A command line that means nothing; the usage is printed with it.</summary>
internal sealed class UsageException(string message) : Exception(message);
