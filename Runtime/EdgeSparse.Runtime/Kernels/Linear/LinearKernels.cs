using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>The kernels of fully connected layers.</summary>
internal static unsafe class LinearKernels
{
    public static void AddAvx512(List<Kernel> table) => table.Add(
        SlicedEll("16x64", "avx512", InstructionSet.Avx512, &LinearSlicedEllHalves.Run, 16, LinearSlicedEllHalves.Window, LinearSlicedEllHalves.Entries));

    public static void AddAvx2(List<Kernel> table) => table.Add(
        SlicedEll("16x32", "avx2", InstructionSet.Avx2, &LinearSlicedEllBytes256.Run, 16, 32, LinearSlicedEllBytes256.Entries));

    public static void AddVector128(List<Kernel> table)
    {
        if (BytePlanes.IsSupported)
        {
            table.Add(SlicedEll("16x32", Ops128.Name, InstructionSet.Vector128, &LinearSlicedEllBytes128.Run, 16, 32));
        }

        table.Add(new(
            OperationKind.Linear, WeightFormat.Csr16, "linear-csr16", "8", Ops128.Name, InstructionSet.Vector128, &LinearCsrVector128<ushort>.Run));
        table.Add(new(
            OperationKind.Linear, WeightFormat.Csr32, "linear-csr32", "8", Ops128.Name, InstructionSet.Vector128, &LinearCsrVector128<uint>.Run));
        table.Add(SlicedEll("4n", Ops128.Name, InstructionSet.Vector128, &LinearSlicedEll.Run4Vector128, 4, 0));
    }

    public static void AddScalar(List<Kernel> table)
    {
        const InstructionSet set = InstructionSet.Scalar;
        table.Add(SlicedEll("any", "scalar", set, &LinearSlicedEll.RunScalar, 0, 0));
        table.Add(new(OperationKind.Linear, WeightFormat.Csr16, "linear-csr16", "4", "scalar", set, &LinearCsr<ushort>.Run));
        table.Add(new(OperationKind.Linear, WeightFormat.Csr32, "linear-csr32", "4", "scalar", set, &LinearCsr<uint>.Run));
        table.Add(new(OperationKind.Linear, WeightFormat.Csc16, "linear-csc16", "4", "scalar", set, &LinearCsc.Run));
        table.Add(new(OperationKind.Linear, WeightFormat.NofM, "linear-2of4", "", "scalar", set, &LinearNofM<TwoOfFour>.Run)
        {
            BlockRows = 2,
            BlockColumns = 4,
        });
        table.Add(new(OperationKind.Linear, WeightFormat.NofM, "linear-4of8", "", "scalar", set, &LinearNofM<FourOfEight>.Run)
        {
            BlockRows = 4,
            BlockColumns = 8,
        });
    }

    public static void Add<TOps, TVector>(List<Kernel> table)
        where TOps : struct, IVectorOps<TVector>
        where TVector : unmanaged
    {
        table.Add(new(
            OperationKind.Linear, WeightFormat.Dense, "linear-dense", "4x" + (2 * TOps.Count), TOps.Name, TOps.Set, &LinearDense<TOps, TVector>.Run));
        for (int rows = Math.Max(TOps.Count, 4); rows <= 16; rows *= 2)
        {
            Blocks<TOps>(table, WeightFormat.Bsr16, rows, 1, &LinearBlocks<TOps, TVector, ushort, OneColumn>.Run);
            Blocks<TOps>(table, WeightFormat.Bsr32, rows, 1, &LinearBlocks<TOps, TVector, uint, OneColumn>.Run);
        }

        if (TOps.Count <= 4)
        {
            Blocks<TOps>(table, WeightFormat.Bsr16, 4, 4, &LinearBlocks<TOps, TVector, ushort, FourColumns>.Run);
            Blocks<TOps>(table, WeightFormat.Bsr32, 4, 4, &LinearBlocks<TOps, TVector, uint, FourColumns>.Run);
            Blocks<TOps>(table, WeightFormat.Bsr16, 1, 4, &LinearBlocks1x4<TOps, TVector, ushort>.Run);
            Blocks<TOps>(table, WeightFormat.Bsr32, 1, 4, &LinearBlocks1x4<TOps, TVector, uint>.Run);
        }

        static void Blocks<TSetOps>(List<Kernel> table, WeightFormat format, int rows, int columns, delegate*<Step*, int, int, void> run)
            where TSetOps : struct, IVectorOps<TVector> => table.Add(
            new(OperationKind.Linear, format, (format == WeightFormat.Bsr16 ? "linear-bsr16-" : "linear-bsr32-") + rows + "x" + columns,
                "", TSetOps.Name, TSetOps.Set, run)
            {
                BlockRows = rows,
                BlockColumns = columns,
            });
    }

    private static Kernel SlicedEll(
        string variant, string name, InstructionSet set, delegate*<Step*, int, int, void> run, int lanes, int window, int entries = 0) =>
        new(OperationKind.Linear, WeightFormat.SlicedEll, "linear-sliced-ell", variant, name, set, run)
        {
            Lanes = lanes,
            Window = window,
            BlockColumns = entries,
        };
}
