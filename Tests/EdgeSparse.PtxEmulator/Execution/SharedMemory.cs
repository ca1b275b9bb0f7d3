namespace EdgeSparse.PtxEmulator.Execution;

/// <summary>The memory that the threads of a group share, used for one group after the other.</summary>
internal sealed class SharedMemory(int bytes)
{
    public byte[] Bytes { get; } = new byte[bytes];

    public History History { get; } = new((bytes + sizeof(uint) - 1) / sizeof(uint));
}
