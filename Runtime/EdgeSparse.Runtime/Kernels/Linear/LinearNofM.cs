using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>Matrix with N of each M columns times vector: each weight finds its input at a place in the columns of its entry.</summary>
internal static unsafe class LinearNofM<TKept>
    where TKept : struct, IKeptOfGroup
{
    public static void Run(Step* step, int worker, int workers)
    {
        ConvShare* share = step->Shares + worker;
        float* x = step->Input.Slots;
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            uint entry = step->Pointers[row];
            uint end = step->Pointers[row + 1];
            float* value = step->Values + ((nint)entry * TKept.Count);
            uint* index = (uint*)step->Indices;
            ushort* places = (ushort*)step->Windows;
            float a = 0f;
            float b = 0f;
            float c = 0f;
            float d = 0f;
            if (TKept.Count == 4)
            {
                for (; entry < end; entry++)
                {
                    float* at = x + index[entry];
                    uint place = places[entry];
                    a += value[0] * at[Place(place, 0)];
                    b += value[1] * at[Place(place, 1)];
                    c += value[2] * at[Place(place, 2)];
                    d += value[3] * at[Place(place, 3)];
                    value += 4;
                }
            }
            else
            {
                for (; entry + 2 <= end; entry += 2)
                {
                    float* at = x + index[entry];
                    float* next = x + index[entry + 1];
                    uint place = *(uint*)(places + entry);
                    a += value[0] * at[Place(place, 0)];
                    b += value[1] * at[Place(place, 1)];
                    c += value[2] * next[Place(place, 4)];
                    d += value[3] * next[Place(place, 5)];
                    value += 4;
                }

                if (entry < end)
                {
                    a += value[0] * x[index[entry] + Place(places[entry], 0)];
                    b += value[1] * x[index[entry] + Place(places[entry], 1)];
                }
            }

            LinearSums.Store(step, a + b + (c + d), row);
        }

        LinearSums.Activate(step, share->FirstBlock, share->EndBlock);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint Place(uint places, int k) => (places >> (4 * k)) & 15;
}
