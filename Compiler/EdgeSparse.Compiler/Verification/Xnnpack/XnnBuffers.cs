using System.Runtime.InteropServices;

namespace EdgeSparse.Compiler.Verification.Xnnpack;

/// <summary>Native memory for tensors: 64-byte aligned, with the bytes behind its end that XNNPACK may read.</summary>
internal sealed unsafe class XnnBuffers : IDisposable
{
    private readonly List<nint> blocks = [];

    public float* Allocate(int elements)
    {
        nuint bytes = ((nuint)elements * sizeof(float)) + XnnpackNative.ExtraBytes;
        void* block = NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(block, bytes);
        blocks.Add((nint)block);
        return (float*)block;
    }

    public float* Copy(ReadOnlySpan<float> values)
    {
        float* block = Allocate(values.Length);
        values.CopyTo(new Span<float>(block, values.Length));
        return block;
    }

    public void Dispose()
    {
        foreach (nint block in blocks)
        {
            NativeMemory.AlignedFree((void*)block);
        }

        blocks.Clear();
    }
}
