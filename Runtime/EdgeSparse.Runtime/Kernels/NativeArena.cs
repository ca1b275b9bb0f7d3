using System.Runtime.InteropServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>Zeroed native memory, aligned to 64 bytes, of one session; freed as a whole.</summary>
internal sealed unsafe class NativeArena : IDisposable
{
    private const int Alignment = 64;
    private readonly List<nint> blocks = [];

    ~NativeArena() => Free();

    /// <exception cref="EdgeSparseException">The machine does not have the memory.</exception>
    public void* Allocate(long bytes)
    {
        // Linux promises memory that it does not have; so large a blob must be refused here and not kill the process later.
        if (bytes > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
        {
            throw TooLarge(bytes, null);
        }

        nuint rounded = (nuint)((Math.Max(bytes, 1) + Alignment - 1) & -Alignment);
        try
        {
            void* block = NativeMemory.AlignedAlloc(rounded, Alignment);
            NativeMemory.Clear(block, rounded);
            blocks.Add((nint)block);
            return block;
        }
        catch (OutOfMemoryException e)
        {
            throw TooLarge(bytes, e);
        }
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private static EdgeSparseException TooLarge(long bytes, Exception? inner) =>
        new("a session of this model needs " + bytes + " bytes of memory, which this machine does not have", inner);

    private void Free()
    {
        foreach (nint block in blocks)
        {
            NativeMemory.AlignedFree((void*)block);
        }

        blocks.Clear();
    }
}
