namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Convolution with a CSR weight as sparse times dense: for each tile of the output and each row, the row's non-zeros times as many
/// vectors of the input. Tiles are outermost, chunks of input channels next, so that what a chunk's rows read of a tile stays in
/// the first-level cache while all rows pass over it. The narrower the tile, the more non-zeros are under way at once: so many sums
/// must be independent that the latency of a multiply-add is hidden.
/// </summary>
internal static unsafe partial class ConvCsr<TOps, TVector, TIndex>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
    where TIndex : unmanaged
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
                switch (tile->IsContiguous != 0 ? tile->Vectors : -tile->Vectors)
                {
                    case 8 when ConvTile.WidestOf<TOps, TVector>() > 4:
                        Rows8<Contiguous>(step, tile, share, chunk);
                        break;
                    case 7 when ConvTile.WidestOf<TOps, TVector>() > 4:
                        Rows7<Contiguous>(step, tile, share, chunk);
                        break;
                    case 6 when ConvTile.WidestOf<TOps, TVector>() > 4:
                        Rows6<Contiguous>(step, tile, share, chunk);
                        break;
                    case 5 when ConvTile.WidestOf<TOps, TVector>() > 4:
                        Rows5<Contiguous>(step, tile, share, chunk);
                        break;
                    case 4:
                        Rows4<Contiguous>(step, tile, share, chunk);
                        break;
                    case 3:
                        Rows3<Contiguous>(step, tile, share, chunk);
                        break;
                    case 2:
                        Rows2<Contiguous>(step, tile, share, chunk);
                        break;
                    case -4:
                        Rows4<Scattered>(step, tile, share, chunk);
                        break;
                    case -3:
                        Rows3<Scattered>(step, tile, share, chunk);
                        break;
                    case -2:
                        Rows2<Scattered>(step, tile, share, chunk);
                        break;
                    default:
                        Rows1(step, tile, share, chunk);
                        break;
                }
            }

            ConvSums.Activate(step, tile, share, TOps.Count);
        }
    }
}
