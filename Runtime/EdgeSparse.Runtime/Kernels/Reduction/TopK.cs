namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// The first k of the sorted elements of each line, or their indices. An element and its index are one number whose order is that
/// of the result; a heap keeps the k smallest.
/// </summary>
internal static unsafe class TopK
{
    /// <summary>Room for k numbers for each worker.</summary>
    public static void Plan(Step* step, NativeArena memory, int workers) =>
        step->Scratch = (float*)memory.Allocate((long)workers * step->Parameters[3] * sizeof(ulong));

    public static void Run(Step* step, int worker, int workers)
    {
        (int length, int inner, int k) = (step->Length, step->Inner, step->Parameters[3]);
        bool isLargest = step->Parameters[4] != 0;
        bool givesIndices = step->Parameters[5] != 0;
        var heap = new Span<ulong>((ulong*)step->Scratch + ((nint)worker * k), k);
        (int first, int end) = WorkerRange.Of(step->Outer * inner, worker, workers);
        for (int line = first; line < end; line++)
        {
            nint column = line % inner;
            float* from = step->Input.Slots + ((nint)(line / inner) * length * inner) + column;
            float* to = step->Output.Slots + ((nint)(line / inner) * k * inner) + column;
            Sort(from, length, inner, isLargest, heap);
            for (int i = 0; i < k; i++)
            {
                uint index = (uint)heap[i];
                to[(nint)i * inner] = givesIndices ? index : from[(nint)index * inner];
            }
        }
    }

    private static void Sort(float* from, int length, nint stride, bool isLargest, Span<ulong> heap)
    {
        int k = heap.Length;
        for (int i = 0; i < k; i++)
        {
            heap[i] = Key(from[i * stride], i, isLargest);
        }

        for (int i = (k / 2) - 1; i >= 0; i--)
        {
            Sink(heap, i);
        }

        for (int i = k; i < length; i++)
        {
            ulong key = Key(from[i * stride], i, isLargest);
            if (key < heap[0])
            {
                heap[0] = key;
                Sink(heap, 0);
            }
        }

        // The largest to the end, again and again.
        for (int end = k - 1; end > 0; end--)
        {
            (heap[0], heap[end]) = (heap[end], heap[0]);
            Sink(heap[..end], 0);
        }
    }

    /// <summary>Ascending in the order of the result: the element's bits made an unsigned number, then the index.</summary>
    private static ulong Key(float value, int index, bool isLargest)
    {
        // −0 becomes 0, which is equal to it.
        uint bits = BitConverter.SingleToUInt32Bits(value + 0f);
        uint ascending = (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
        return ((ulong)(isLargest ? ~ascending : ascending) << 32) | (uint)index;
    }

    /// <summary>Restores the order of a heap, largest first, below a place.</summary>
    private static void Sink(Span<ulong> heap, int place)
    {
        while (true)
        {
            int child = (2 * place) + 1;
            if (child >= heap.Length)
            {
                return;
            }

            if (child + 1 < heap.Length && heap[child + 1] > heap[child])
            {
                child++;
            }

            if (heap[place] >= heap[child])
            {
                return;
            }

            (heap[place], heap[child]) = (heap[child], heap[place]);
            place = child;
        }
    }
}
