using System.Runtime.InteropServices;

namespace EdgeSparse.Runtime.Tests.Sessions;

/// <summary>
/// Memory between two pages that nobody may touch: an access beyond either end kills the process, which no test survives.
/// A request is placed against the end, or against the start.
/// </summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int Page = 4096;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;
    private readonly byte* mapping;
    private readonly nuint length;

    /// <param name="capacity">Bytes that fit between the guards.</param>
    public GuardedMemory(long capacity)
    {
        Capacity = (capacity + Page - 1) / Page * Page;
        length = (nuint)(Capacity + (2 * Page));
        mapping = (byte*)Map(null, length, 0, PrivateAnonymous, -1, 0);
        if ((nint)mapping == -1 || Protect(mapping + Page, (nuint)Capacity, ReadWrite) != 0)
        {
            throw new InvalidOperationException("no guarded memory: errno " + Marshal.GetLastPInvokeError());
        }
    }

    public long Capacity { get; }

    /// <summary>The first byte after the guard page.</summary>
    public byte* Start => mapping + Page;

    /// <summary><paramref name="bytes"/> bytes, a multiple of 64, that end where the guard page starts.</summary>
    public byte* AtEnd(long bytes) => Start + Capacity - bytes;

    public void Dispose() => _ = Unmap(mapping, length);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(void* address, nuint length);
}
