using System.Runtime.Intrinsics;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>One kernel: what it computes, what it needs, and its name, which states all of that.</summary>
/// <param name="kind">The operation.</param>
/// <param name="format">The weight format that it reads, 0 where the operation has no weight.</param>
/// <param name="operation">Operation and weight format, the start of the name.</param>
/// <param name="variant">Tile or lanes and window, the middle of the name.</param>
/// <param name="setName">The instruction set, the end of the name.</param>
/// <param name="set">The instruction set that it is compiled for.</param>
/// <param name="run">The code.</param>
/// <param name="shortestRun">Elements of its vectors: the shortest run of pixels (of inputs, for Linear) that it is for, 0 for any.</param>
/// <param name="tileVectors">Conv2d: the widest tile in vectors.</param>
/// <param name="lanes">SlicedEll: rows a slice must be this (or, with window 0, a multiple of it); 0 for any.</param>
/// <param name="window">SlicedEll: columns a window; 0 for any.</param>
/// <param name="fits">Whether it can run a step of its kind; null for any.</param>
internal unsafe readonly struct Kernel(
    OperationKind kind, WeightFormat format, string operation, string variant, string setName, InstructionSet set,
    delegate*<Step*, void> run, int shortestRun = 0, int tileVectors = 0, int lanes = 0, int window = 0,
    delegate*<BlobView, OperationRecord*, bool> fits = null)
{
    public OperationKind Kind => kind;

    public WeightFormat Format => format;

    public InstructionSet Set => set;

    public int ShortestRun => shortestRun;

    public int TileVectors => tileVectors;

    public delegate*<Step*, void> Run => run;

    /// <summary>For example <c>conv2d-csr16-1x64-avx512</c>: operation, weight format, rows × pixels of a tile, instruction set.</summary>
    public string Name => variant.Length == 0 ? operation + "-" + setName : operation + "-" + variant + "-" + setName;

    /// <summary>Whether it can run a step.</summary>
    /// <param name="blob">The blob of the step.</param>
    /// <param name="step">The step.</param>
    /// <param name="weight">Its weight, or null.</param>
    /// <param name="run">Pixels that lie one after the other.</param>
    public bool Fits(BlobView blob, OperationRecord* step, WeightRecord* weight, long run)
    {
        if (step->Kind != kind || (format != 0 && (weight == null || weight->Format != format)))
        {
            return false;
        }

        if (run < shortestRun || (fits != null && !fits(blob, step)))
        {
            return false;
        }

        return lanes == 0 || (window == 0 ? weight->Lanes % lanes == 0 : weight->Lanes == lanes && weight->Window == window);
    }
}

/// <summary>
/// Every kernel there is, best first: the first that fits a step runs it. Tests run each of them. The entries of an instruction
/// set that an ahead-of-time compiled executable cannot have are compiled out with their kernels.
/// </summary>
internal static unsafe class KernelTable
{
    /// <summary>The kernels for machines that have <paramref name="set"/>.</summary>
    public static Kernel[] For(InstructionSet set)
    {
        var table = new List<Kernel>(64);
        if (set >= InstructionSet.Avx512 && Hardware.HasAvx512)
        {
            table.Add(SlicedEll("16x32", "avx512", InstructionSet.Avx512, &LinearSlicedEllWindows<Ops512, Vector512<float>>.Run, 16, 32));
            AddAll<Ops512, Vector512<float>>(table);
        }

        if (set >= InstructionSet.Avx2 && Hardware.HasAvx2)
        {
            table.Add(SlicedEll("8x16", "avx2", InstructionSet.Avx2, &LinearSlicedEllWindows<Ops256, Vector256<float>>.Run, 8, 16));
            AddAll<Ops256, Vector256<float>>(table);
        }

        if (set >= InstructionSet.Vector128 && Hardware.HasVector128)
        {
            table.Add(SlicedEll("4n", Ops128.Name, InstructionSet.Vector128, &LinearSlicedEll.Run4Vector128, 4, 0));
            AddAll<Ops128, Vector128<float>>(table);
        }

        table.Add(SlicedEll("any", "scalar", InstructionSet.Scalar, &LinearSlicedEll.RunScalar, 0, 0));
        AddAll<OpsScalar, float>(table);
        AddScalarOnly(table);
        return [.. table];
    }

    /// <summary>The best kernel for a step: the first that fits, of convolutions the one with the least predicted time.</summary>
    public static Kernel Select(ReadOnlySpan<Kernel> table, BlobView blob, OperationRecord* step)
    {
        WeightRecord* weight = step->Weight < 0 ? null : blob.Weights + step->Weight;
        long run = RunLength(blob, step);
        int best = -1;
        double bestCost = double.PositiveInfinity;
        for (int i = 0; i < table.Length; i++)
        {
            if (!table[i].Fits(blob, step, weight, run))
            {
                continue;
            }

            double cost = step->Kind == OperationKind.Conv2d ? ConvTiling.Cost(blob, step, table[i].ShortestRun) : 0;
            if (cost < bestCost)
            {
                bestCost = cost;
                best = i;
            }
        }

        return best >= 0
            ? table[best]
            : throw new System.Diagnostics.UnreachableException("the kernel table has a scalar kernel for every valid step");
    }

    /// <summary>Pixels that lie one after the other where a kernel loads vectors: what no vector may be wider than.</summary>
    private static long RunLength(BlobView blob, OperationRecord* step)
    {
        ref readonly ValueRecord x = ref blob.Values[step->Input0];
        ref readonly ValueRecord y = ref blob.Values[step->Output];
        bool contiguous = OperationCheck.IsContiguous(in x) && OperationCheck.IsContiguous(in y);
        return step->Kind switch
        {
            OperationKind.Conv2d => ((y.Height - 1L) * x.RowStride) + y.Width,
            OperationKind.Relu when contiguous => OperationCheck.PixelCount(in x),
            OperationKind.Add when contiguous && OperationCheck.IsContiguous(in blob.Values[step->Input1]) => OperationCheck.PixelCount(in x),
            OperationKind.Linear => blob.Weights[step->Weight].Columns,
            _ => x.Width,
        };
    }

    private static void AddAll<TOps, TVector>(List<Kernel> table)
        where TOps : struct, IVectorOps<TVector>
        where TVector : unmanaged
    {
        int n = TOps.Count;
        string name = TOps.Name;
        InstructionSet set = TOps.Set;
        string wide = "1x" + (4 * n);
        table.Add(new(OperationKind.Conv2d, WeightFormat.Csr16, "conv2d-csr16", wide, name, set, &Conv2dCsr<TOps, TVector, ushort>.Run, n, 4));
        table.Add(new(OperationKind.Conv2d, WeightFormat.Csr32, "conv2d-csr32", wide, name, set, &Conv2dCsr<TOps, TVector, uint>.Run, n, 4));
        table.Add(new(OperationKind.Conv2d, WeightFormat.Dense, "conv2d-dense", "4x" + (2 * n), name, set,
            &Conv2dDense<TOps, TVector>.Run, n, Conv2dDense<TOps, TVector>.TileVectors));
        table.Add(new(OperationKind.Linear, WeightFormat.Dense, "linear-dense", "4x" + (2 * n), name, set,
            &LinearDense<TOps, TVector>.Run, n));
        table.Add(new(OperationKind.MaxPool, 0, "maxpool", "2x2", name, set, &MaxPool2x2<TOps, TVector>.Run, n, fits: &IsPool2x2));
        table.Add(new(OperationKind.MaxPool, 0, "maxpool", "", name, set, &Pooling<TOps, TVector>.Max, n));
        table.Add(new(OperationKind.AveragePool, 0, "averagepool", "", name, set, &Pooling<TOps, TVector>.Average, n));
        table.Add(new(OperationKind.Relu, 0, "relu", "", name, set, &Elementwise<TOps, TVector>.Relu, n));
        table.Add(new(OperationKind.Add, 0, "add", "", name, set, &Elementwise<TOps, TVector>.Add, n));
        table.Add(new(OperationKind.ChannelAffine, WeightFormat.Dense, "channel-affine", "", name, set,
            &Elementwise<TOps, TVector>.ChannelAffine, n));
    }

    private static bool IsPool2x2(BlobView blob, OperationRecord* step) =>
        2L * blob.Values[step->Output].Height <= blob.Values[step->Input0].Height
        && 2L * blob.Values[step->Output].Width <= blob.Values[step->Input0].Width
        && step->KernelY == 2 && step->KernelX == 2 && step->StrideY == 2 && step->StrideX == 2 && step->DilationY == 1 && step->DilationX == 1
        && step->PadTop == 0 && step->PadLeft == 0;

    private static void AddScalarOnly(List<Kernel> table)
    {
        const InstructionSet set = InstructionSet.Scalar;
        table.Add(new(OperationKind.Linear, WeightFormat.Csr16, "linear-csr16", "4", "scalar", set, &LinearCsr<ushort>.Run));
        table.Add(new(OperationKind.Linear, WeightFormat.Csr32, "linear-csr32", "4", "scalar", set, &LinearCsr<uint>.Run));
        table.Add(new(OperationKind.Softmax, 0, "softmax", "", "tensorprimitives", set, &Softmax.Run));
        table.Add(new(OperationKind.Relayout, 0, "relayout", "", "copy", set, &Relayout.Run));
        table.Add(new(OperationKind.SplitPhases, 0, "split-phases", "", "scalar", set, &Relayout.SplitPhases));
    }

    private static Kernel SlicedEll(string variant, string name, InstructionSet set, delegate*<Step*, void> run, int lanes, int window) =>
        new(OperationKind.Linear, WeightFormat.SlicedEll, "linear-sliced-ell", variant, name, set, run, lanes: lanes, window: window);
}
