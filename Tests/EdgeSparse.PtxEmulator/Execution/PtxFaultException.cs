namespace EdgeSparse.PtxEmulator.Execution;

/// <summary>What code may not do, with the place of it: a device would do anything.</summary>
public sealed class PtxFaultException(string message) : Exception(message);
