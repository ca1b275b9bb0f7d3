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
/// the group. The sums of even and odd weights are apart, as in
/// <see cref="ConvBlocks1x4{TOps, TVector, TIndex}"/>.
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
            for (int chunk = 0; chunk < step->Chunks; chunk++)
            {
                switch (tile->Vectors)
                {
                    case 4:
                        Tile4(step, tile, share, chunk);
                        break;
                    case 3:
                        Tile3(step, tile, share, chunk);
                        break;
                    case 2:
                        Tile2(step, tile, share, chunk);
                        break;
                    default:
                        Tile1(step, tile, share, chunk);
                        break;
                }
            }
        }
    }

    /// <summary>The offset of weight <paramref name="k"/> of an entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint At(nuint group, uint places, int k, nuint columnBytes) => group + (((places >> (4 * k)) & 15) * columnBytes);

    private static void Tile4(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0);
        byte* x1 = ConvPointers<TOps, TVector>.Source(step, tile, 1);
        byte* x2 = ConvPointers<TOps, TVector>.Source(step, tile, 2);
        byte* x3 = ConvPointers<TOps, TVector>.Source(step, tile, 3);
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        int shift = step->IndexShift;
        nuint columnBytes = (nuint)step->ColumnBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + ((nint)pointers[share->FirstBlock] * TKept.Count);
        uint* index = (uint*)step->Indices + pointers[share->FirstBlock];
        ushort* place = (ushort*)step->Windows + pointers[share->FirstBlock];
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first);
            TVector a1 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 1, first);
            TVector a2 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 2, first);
            TVector a3 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 3, first);
            TVector b0 = TOps.Zero;
            TVector b1 = TOps.Zero;
            TVector b2 = TOps.Zero;
            TVector b3 = TOps.Zero;
            for (uint count = pointers[row + 1] - pointers[row]; count != 0; count--)
            {
                nuint group = ConvPointers<TOps, TVector>.Offset(index++, shift);
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

            ConvPointers<TOps, TVector>.Store(step, tile, y, 0, TOps.Add(a0, b0), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 1, TOps.Add(a1, b1), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 2, TOps.Add(a2, b2), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 3, TOps.Add(a3, b3), last);
            ConvPointers<TOps, TVector>.Activate(step, tile, y, last);
        }
    }

    private static void Tile3(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0);
        byte* x1 = ConvPointers<TOps, TVector>.Source(step, tile, 1);
        byte* x2 = ConvPointers<TOps, TVector>.Source(step, tile, 2);
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        int shift = step->IndexShift;
        nuint columnBytes = (nuint)step->ColumnBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + ((nint)pointers[share->FirstBlock] * TKept.Count);
        uint* index = (uint*)step->Indices + pointers[share->FirstBlock];
        ushort* place = (ushort*)step->Windows + pointers[share->FirstBlock];
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first);
            TVector a1 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 1, first);
            TVector a2 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 2, first);
            TVector b0 = TOps.Zero;
            TVector b1 = TOps.Zero;
            TVector b2 = TOps.Zero;
            for (uint count = pointers[row + 1] - pointers[row]; count != 0; count--)
            {
                nuint group = ConvPointers<TOps, TVector>.Offset(index++, shift);
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

            ConvPointers<TOps, TVector>.Store(step, tile, y, 0, TOps.Add(a0, b0), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 1, TOps.Add(a1, b1), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 2, TOps.Add(a2, b2), last);
            ConvPointers<TOps, TVector>.Activate(step, tile, y, last);
        }
    }

    private static void Tile2(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0);
        byte* x1 = ConvPointers<TOps, TVector>.Source(step, tile, 1);
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        int shift = step->IndexShift;
        nuint columnBytes = (nuint)step->ColumnBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + ((nint)pointers[share->FirstBlock] * TKept.Count);
        uint* index = (uint*)step->Indices + pointers[share->FirstBlock];
        ushort* place = (ushort*)step->Windows + pointers[share->FirstBlock];
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first);
            TVector a1 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 1, first);
            TVector b0 = TOps.Zero;
            TVector b1 = TOps.Zero;
            for (uint count = pointers[row + 1] - pointers[row]; count != 0; count--)
            {
                nuint group = ConvPointers<TOps, TVector>.Offset(index++, shift);
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

            ConvPointers<TOps, TVector>.Store(step, tile, y, 0, TOps.Add(a0, b0), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 1, TOps.Add(a1, b1), last);
            ConvPointers<TOps, TVector>.Activate(step, tile, y, last);
        }
    }

    private static void Tile1(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0);
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        int shift = step->IndexShift;
        nuint columnBytes = (nuint)step->ColumnBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + ((nint)pointers[share->FirstBlock] * TKept.Count);
        uint* index = (uint*)step->Indices + pointers[share->FirstBlock];
        ushort* place = (ushort*)step->Windows + pointers[share->FirstBlock];
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first);
            TVector b0 = TOps.Zero;
            for (uint count = pointers[row + 1] - pointers[row]; count != 0; count--)
            {
                nuint group = ConvPointers<TOps, TVector>.Offset(index++, shift);
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

            ConvPointers<TOps, TVector>.Store(step, tile, y, 0, TOps.Add(a0, b0), last);
            ConvPointers<TOps, TVector>.Activate(step, tile, y, last);
        }
    }
}
