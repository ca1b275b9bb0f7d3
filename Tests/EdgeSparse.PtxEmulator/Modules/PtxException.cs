namespace EdgeSparse.PtxEmulator.Modules;

/// <summary>A text that is no module of PTX, or has what is not emulated. The message names the line.</summary>
public sealed class PtxException(int line, string message) : Exception($"line {line}: {message}");
