namespace EdgeSparse.Runtime.Kernels;

/// <summary>The input pixels of one window along one axis.</summary>
internal readonly record struct Taps(int First, int Count)
{
    /// <summary>The pixels of window <paramref name="output"/> that are not padding; the blob's reader has seen to at least one.</summary>
    public static Taps Of(int output, int kernel, int stride, int pad, int dilation, int input)
    {
        int start = (output * stride) - pad;
        int skipped = start < 0 ? (dilation - 1 - start) / dilation : 0;
        int first = start + (skipped * dilation);
        int count = Math.Min(kernel - skipped, ((input - 1 - first) / dilation) + 1);
        return new Taps(first, count);
    }

    /// <summary>The pixels of a window, padding included, but not what lies beyond the padding (in ceil mode).</summary>
    public static int CountPadded(int output, int kernel, int stride, int pad, int padAfter, int dilation, int input)
    {
        int start = (output * stride) - pad;
        return Math.Min(kernel, ((input + padAfter - 1 - start) / dilation) + 1);
    }
}
