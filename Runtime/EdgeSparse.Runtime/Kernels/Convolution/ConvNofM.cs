using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>Weights of an entry; a parameter of kernels.</summary>
internal interface IKeptOfGroup
{
    static abstract int Count { get; }
}

internal readonly struct TwoOfFour : IKeptOfGroup
{
    public static int Count => 2;
}

internal readonly struct FourOfEight : IKeptOfGroup
{
    public static int Count => 4;
}

/// <summary>
/// Convolution with N of each M input channels: an entry has the place of its group and, in four bits each, those of its weights in
/// the group. The sums of even and odd weights are apart, as in <see cref="ConvBlocks1x4{TOps, TVector}"/>.
/// </summary>
internal static unsafe class ConvNofM<TOps, TVector, TKept>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
    where TKept : struct, IKeptOfGroup
{
    public static void Run(Step* step, int worker, int workers)
    {
        ConvShare* share = step->Shares + worker;
        for (int t = share->FirstTile; t < share->EndTile; t++)
        {
            ConvTile* tile = step->Tiles + t;
            ConvSums.Start(step, tile, share, TOps.Count);
            for (int chunk = 0; chunk < step->Chunks; chunk++)
            {
                switch (tile->Vectors)
                {
                    case 4:
                        Rows4(step, tile, share, chunk);
                        break;
                    case 3:
                        Rows3(step, tile, share, chunk);
                        break;
                    case 2:
                        Rows2(step, tile, share, chunk);
                        break;
                    default:
                        Rows1(step, tile, share, chunk);
                        break;
                }
            }

            ConvSums.Activate(step, tile, share, TOps.Count);
        }
    }

    /// <summary>The offset of weight <paramref name="k"/> of an entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint At(nuint group, uint places, int k, nuint columnBytes) => group + (((places >> (4 * k)) & 15) * columnBytes);

    private static void Rows4(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        byte* x1 = ConvPointers.Source(step, tile, 1);
        byte* x2 = ConvPointers.Source(step, tile, 2);
        byte* x3 = ConvPointers.Source(step, tile, 3);
        nint t1 = tile->Target[1] - tile->Target[0];
        nint t2 = tile->Target[2] - tile->Target[0];
        nint t3 = tile->Target[3] - tile->Target[0];
        bool fresh = ConvSums.AreFresh(step, chunk);
        bool last = chunk == step->Chunks - 1;
        nuint unit = step->IndexBytes;
        nuint columnBytes = (nuint)step->ColumnBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + ((nint)pointers[share->FirstBlock] * TKept.Count);
        uint* index = (uint*)step->Indices + pointers[share->FirstBlock];
        ushort* place = (ushort*)step->Windows + pointers[share->FirstBlock];
        nint rowStride = step->Output.ChannelStride;
        float* y = ConvPointers.Target(step, tile, share->FirstBlock);
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            TVector a0, a1, a2, a3;
            if (fresh)
            {
                a0 = TOps.Broadcast(step->Bias[row]);
                a1 = a0;
                a2 = a0;
                a3 = a0;
            }
            else
            {
                a0 = TOps.Load(y);
                a1 = TOps.Load(y + t1);
                a2 = TOps.Load(y + t2);
                a3 = TOps.Load(y + t3);
            }

            TVector b0 = TOps.Zero;
            TVector b1 = TOps.Zero;
            TVector b2 = TOps.Zero;
            TVector b3 = TOps.Zero;
            for (uint count = pointers[row + 1] - pointers[row]; count != 0; count--)
            {
                nuint group = ConvPointers.Offset(index++, unit);
                uint places = *place++;
                for (int k = 0; k < TKept.Count; k += 2)
                {
                    nuint i = At(group, places, k, columnBytes);
                    nuint j = At(group, places, k + 1, columnBytes);
                    TVector w = TOps.Broadcast(value[k]);
                    TVector v = TOps.Broadcast(value[k + 1]);
                    a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                    a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
                    a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + i)), w, a2);
                    a3 = TOps.MultiplyAdd(TOps.Load((float*)(x3 + i)), w, a3);
                    b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + j)), v, b0);
                    b1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + j)), v, b1);
                    b2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + j)), v, b2);
                    b3 = TOps.MultiplyAdd(TOps.Load((float*)(x3 + j)), v, b3);
                }

                value += TKept.Count;
            }

            a0 = TOps.Add(a0, b0);
            a1 = TOps.Add(a1, b1);
            a2 = TOps.Add(a2, b2);
            a3 = TOps.Add(a3, b3);
            if (last)
            {
                a0 = TOps.Clamp(step, a0);
                a1 = TOps.Clamp(step, a1);
                a2 = TOps.Clamp(step, a2);
                a3 = TOps.Clamp(step, a3);
            }

            TOps.Store(a0, y);
            TOps.Store(a1, y + t1);
            TOps.Store(a2, y + t2);
            TOps.Store(a3, y + t3);
            y += rowStride;
        }
    }

    private static void Rows3(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        byte* x1 = ConvPointers.Source(step, tile, 1);
        byte* x2 = ConvPointers.Source(step, tile, 2);
        nint t1 = tile->Target[1] - tile->Target[0];
        nint t2 = tile->Target[2] - tile->Target[0];
        bool fresh = ConvSums.AreFresh(step, chunk);
        bool last = chunk == step->Chunks - 1;
        nuint unit = step->IndexBytes;
        nuint columnBytes = (nuint)step->ColumnBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + ((nint)pointers[share->FirstBlock] * TKept.Count);
        uint* index = (uint*)step->Indices + pointers[share->FirstBlock];
        ushort* place = (ushort*)step->Windows + pointers[share->FirstBlock];
        nint rowStride = step->Output.ChannelStride;
        float* y = ConvPointers.Target(step, tile, share->FirstBlock);
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            TVector a0, a1, a2;
            if (fresh)
            {
                a0 = TOps.Broadcast(step->Bias[row]);
                a1 = a0;
                a2 = a0;
            }
            else
            {
                a0 = TOps.Load(y);
                a1 = TOps.Load(y + t1);
                a2 = TOps.Load(y + t2);
            }

            TVector b0 = TOps.Zero;
            TVector b1 = TOps.Zero;
            TVector b2 = TOps.Zero;
            for (uint count = pointers[row + 1] - pointers[row]; count != 0; count--)
            {
                nuint group = ConvPointers.Offset(index++, unit);
                uint places = *place++;
                for (int k = 0; k < TKept.Count; k += 2)
                {
                    nuint i = At(group, places, k, columnBytes);
                    nuint j = At(group, places, k + 1, columnBytes);
                    TVector w = TOps.Broadcast(value[k]);
                    TVector v = TOps.Broadcast(value[k + 1]);
                    a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                    a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
                    a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + i)), w, a2);
                    b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + j)), v, b0);
                    b1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + j)), v, b1);
                    b2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + j)), v, b2);
                }

                value += TKept.Count;
            }

            a0 = TOps.Add(a0, b0);
            a1 = TOps.Add(a1, b1);
            a2 = TOps.Add(a2, b2);
            if (last)
            {
                a0 = TOps.Clamp(step, a0);
                a1 = TOps.Clamp(step, a1);
                a2 = TOps.Clamp(step, a2);
            }

            TOps.Store(a0, y);
            TOps.Store(a1, y + t1);
            TOps.Store(a2, y + t2);
            y += rowStride;
        }
    }

    private static void Rows2(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        byte* x1 = ConvPointers.Source(step, tile, 1);
        nint t1 = tile->Target[1] - tile->Target[0];
        bool fresh = ConvSums.AreFresh(step, chunk);
        bool last = chunk == step->Chunks - 1;
        nuint unit = step->IndexBytes;
        nuint columnBytes = (nuint)step->ColumnBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + ((nint)pointers[share->FirstBlock] * TKept.Count);
        uint* index = (uint*)step->Indices + pointers[share->FirstBlock];
        ushort* place = (ushort*)step->Windows + pointers[share->FirstBlock];
        nint rowStride = step->Output.ChannelStride;
        float* y = ConvPointers.Target(step, tile, share->FirstBlock);
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            TVector a0, a1;
            if (fresh)
            {
                a0 = TOps.Broadcast(step->Bias[row]);
                a1 = a0;
            }
            else
            {
                a0 = TOps.Load(y);
                a1 = TOps.Load(y + t1);
            }

            TVector b0 = TOps.Zero;
            TVector b1 = TOps.Zero;
            for (uint count = pointers[row + 1] - pointers[row]; count != 0; count--)
            {
                nuint group = ConvPointers.Offset(index++, unit);
                uint places = *place++;
                for (int k = 0; k < TKept.Count; k += 2)
                {
                    nuint i = At(group, places, k, columnBytes);
                    nuint j = At(group, places, k + 1, columnBytes);
                    TVector w = TOps.Broadcast(value[k]);
                    TVector v = TOps.Broadcast(value[k + 1]);
                    a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                    a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
                    b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + j)), v, b0);
                    b1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + j)), v, b1);
                }

                value += TKept.Count;
            }

            a0 = TOps.Add(a0, b0);
            a1 = TOps.Add(a1, b1);
            if (last)
            {
                a0 = TOps.Clamp(step, a0);
                a1 = TOps.Clamp(step, a1);
            }

            TOps.Store(a0, y);
            TOps.Store(a1, y + t1);
            y += rowStride;
        }
    }

    private static void Rows1(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        bool fresh = ConvSums.AreFresh(step, chunk);
        bool last = chunk == step->Chunks - 1;
        nuint unit = step->IndexBytes;
        nuint columnBytes = (nuint)step->ColumnBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + ((nint)pointers[share->FirstBlock] * TKept.Count);
        uint* index = (uint*)step->Indices + pointers[share->FirstBlock];
        ushort* place = (ushort*)step->Windows + pointers[share->FirstBlock];
        nint rowStride = step->Output.ChannelStride;
        float* y = ConvPointers.Target(step, tile, share->FirstBlock);
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            TVector a0;
            if (fresh)
            {
                a0 = TOps.Broadcast(step->Bias[row]);
            }
            else
            {
                a0 = TOps.Load(y);
            }

            TVector b0 = TOps.Zero;
            for (uint count = pointers[row + 1] - pointers[row]; count != 0; count--)
            {
                nuint group = ConvPointers.Offset(index++, unit);
                uint places = *place++;
                for (int k = 0; k < TKept.Count; k += 2)
                {
                    nuint i = At(group, places, k, columnBytes);
                    nuint j = At(group, places, k + 1, columnBytes);
                    TVector w = TOps.Broadcast(value[k]);
                    TVector v = TOps.Broadcast(value[k + 1]);
                    a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                    b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + j)), v, b0);
                }

                value += TKept.Count;
            }

            a0 = TOps.Add(a0, b0);
            if (last)
            {
                a0 = TOps.Clamp(step, a0);
            }

            TOps.Store(a0, y);
            y += rowStride;
        }
    }
}
