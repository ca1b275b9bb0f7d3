using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>The kernels of convolutions, one for each weight format and vector width.</summary>
internal static unsafe class ConvKernels
{
    public static void Add<TOps, TVector>(List<Kernel> table)
        where TOps : struct, IVectorOps<TVector>
        where TVector : unmanaged
    {
        int tile = ConvTile.WidestOf<TOps, TVector>();
        delegate*<Step*, int, int, void> csr16, csr32, blocks16, blocks32;
        if (Hardware.IsMain(TOps.Set))
        {
            csr16 = &ConvCsr<TOps, TVector, ushort>.Run;
            csr32 = &ConvCsr<TOps, TVector, uint>.Run;
            blocks16 = &ConvBlocks<TOps, TVector, ushort, OneColumn>.Run;
            blocks32 = &ConvBlocks<TOps, TVector, uint, OneColumn>.Run;
        }
        else
        {
            csr16 = csr32 = &ConvCsr<TOps, TVector, EitherWidth>.Run;
            blocks16 = blocks32 = &ConvBlocks<TOps, TVector, EitherWidth, OneColumn>.Run;
        }

        Add<TOps>(table, WeightFormat.Csr16, "csr16", 1, tile, csr16);
        Add<TOps>(table, WeightFormat.Csr32, "csr32", 1, tile, csr32);
        Add<TOps>(table, WeightFormat.CsrDelta8, "csr-delta8", 1, 4, &ConvCsrDelta<TOps, TVector>.Run);
        Add<TOps>(table, WeightFormat.Depthwise, "depthwise", 1, tile, &ConvDepthwise<TOps, TVector>.Run);

        // Sums of four rows, the loaded vectors and a weight must find room in 16 registers, or in 32.
        int narrow = TOps.Set == InstructionSet.Avx512 || TOps.Name == "neon" ? 4 : 3;
        Add<TOps>(table, WeightFormat.Dense, "dense", 4, narrow, blocks32);
        Add<TOps>(table, WeightFormat.Bsr16, "bsr16-4x1", 4, narrow, blocks16, 1);
        Add<TOps>(table, WeightFormat.Bsr32, "bsr32-4x1", 4, narrow, blocks32, 1);
        Add<TOps>(table, WeightFormat.Bsr16, "bsr16-8x1", 8, narrow, blocks16, 1);
        Add<TOps>(table, WeightFormat.Bsr32, "bsr32-8x1", 8, narrow, blocks32, 1);
        Add<TOps>(table, WeightFormat.Bsr16, "bsr16-16x1", 16, narrow, blocks16, 1);
        Add<TOps>(table, WeightFormat.Bsr32, "bsr32-16x1", 16, narrow, blocks32, 1);
        Add<TOps>(table, WeightFormat.Bsr16, "bsr16-4x4", 4, narrow, &ConvBlocks<TOps, TVector, EitherWidth, FourColumns>.Run, 4);
        Add<TOps>(table, WeightFormat.Bsr32, "bsr32-4x4", 4, narrow, &ConvBlocks<TOps, TVector, EitherWidth, FourColumns>.Run, 4);
        Add<TOps>(table, WeightFormat.Bsr16, "bsr16-1x4", 1, 4, &ConvBlocks1x4<TOps, TVector>.Run, 4);
        Add<TOps>(table, WeightFormat.Bsr32, "bsr32-1x4", 1, 4, &ConvBlocks1x4<TOps, TVector>.Run, 4);
        Add<TOps>(table, WeightFormat.NofM, "2of4", 2, 4, &ConvNofM<TOps, TVector, TwoOfFour>.Run, 4);
        Add<TOps>(table, WeightFormat.NofM, "4of8", 4, 4, &ConvNofM<TOps, TVector, FourOfEight>.Run, 8);

        static void Add<TSetOps>(
            List<Kernel> table, WeightFormat format, string name, int blockRows, int tileVectors,
            delegate*<Step*, int, int, void> run, int blockColumns = 0)
            where TSetOps : struct, IVectorOps<TVector> => table.Add(
            new(OperationKind.Conv2d, format, "conv2d-" + name,
                (format == WeightFormat.NofM ? 1 : Math.Min(blockRows, 4)) + "x" + (tileVectors * TSetOps.Count), TSetOps.Name, TSetOps.Set, run)
            {
                ReadsSlots = true,
                Width = TSetOps.Count,
                TileVectors = tileVectors,
                BlockRows = blockColumns == 0 ? 0 : blockRows,
                BlockColumns = blockColumns,
            });
    }
}
