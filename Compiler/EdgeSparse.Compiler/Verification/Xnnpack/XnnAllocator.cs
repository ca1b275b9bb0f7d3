using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeSparse.Compiler.Verification.Xnnpack;

/// <summary>
/// <c>struct xnn_allocator</c> over the C library's functions that adds up what is asked for: the only sign from outside of
/// whether a runtime packed its weights sparse, for the library logs nothing.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct XnnAllocator
{
    private static long allocated;

    private readonly void* context;
    private readonly delegate* unmanaged[Cdecl]<void*, nuint, void*> allocate;
    private readonly delegate* unmanaged[Cdecl]<void*, void*, nuint, void*> reallocate;
    private readonly delegate* unmanaged[Cdecl]<void*, void*, void> deallocate;
    private readonly delegate* unmanaged[Cdecl]<void*, nuint, nuint, void*> alignedAllocate;
    private readonly delegate* unmanaged[Cdecl]<void*, void*, void> alignedDeallocate;

    private XnnAllocator(void* context)
    {
        this.context = context;
        allocate = &Allocate;
        reallocate = &Reallocate;
        deallocate = &Deallocate;
        alignedAllocate = &AlignedAllocate;
        alignedDeallocate = &AlignedDeallocate;
    }

    /// <summary>Bytes asked for so far; it only grows.</summary>
    public static long AllocatedBytes => Interlocked.Read(ref allocated);

    public static XnnAllocator Counting() => new(null);

    // An exception must not cross into C: where memory runs out, the library expects null.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Allocate(void* context, nuint bytes)
    {
        Interlocked.Add(ref allocated, (long)bytes);
        try
        {
            return NativeMemory.Alloc(bytes);
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Reallocate(void* context, void* memory, nuint bytes)
    {
        Interlocked.Add(ref allocated, (long)bytes);
        try
        {
            return NativeMemory.Realloc(memory, bytes);
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Deallocate(void* context, void* memory) => NativeMemory.Free(memory);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* AlignedAllocate(void* context, nuint alignment, nuint bytes)
    {
        Interlocked.Add(ref allocated, (long)bytes);
        try
        {
            return NativeMemory.AlignedAlloc(bytes, alignment);
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void AlignedDeallocate(void* context, void* memory) => NativeMemory.AlignedFree(memory);
}
