using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Runtime.Tests.Threading;

/// <summary>A number for each worker in native memory, each on cache lines of its own.</summary>
internal sealed unsafe class WorkerCounts(int workers) : IDisposable
{
    private const int Stride = 16;
    private readonly NativeArena memory = new();
    private long* first;

    /// <summary>What a body gets as its state.</summary>
    public long* First => first == null ? first = (long*)memory.Allocate((long)workers * Stride * sizeof(long)) : first;

    public static long* At(void* first, int worker) => (long*)first + (worker * Stride);

    public long* Of(int worker) => At(First, worker);

    public long[] ToArray()
    {
        long[] values = new long[workers];
        for (int i = 0; i < workers; i++)
        {
            values[i] = *Of(i);
        }

        return values;
    }

    public void Dispose() => memory.Dispose();
}
