using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>One kernel: what it computes, what it needs, and its name, which states all of that.</summary>
/// <param name="kind">The operation.</param>
/// <param name="format">The weight format that it reads, 0 where the operation has no weight.</param>
/// <param name="operation">Operation and weight format, the start of the name.</param>
/// <param name="variant">Tile or lanes and window, the middle of the name.</param>
/// <param name="setName">The instruction set, the end of the name.</param>
/// <param name="set">The instruction set that it is compiled for.</param>
/// <param name="run">The code: (step, worker, workers).</param>
internal unsafe readonly struct Kernel(
    OperationKind kind, WeightFormat format, string operation, string variant, string setName, InstructionSet set,
    delegate*<Step*, int, int, void> run)
{
    public OperationKind Kind => kind;

    public WeightFormat Format => format;

    public InstructionSet Set => set;

    public delegate*<Step*, int, int, void> Run => run;

    /// <summary>Elements of its vectors.</summary>
    public int Width { get; init; } = 1;

    /// <summary>
    /// Whether its vectors lie in slots, so that the lanes of the step's values must be a multiple of <see cref="Width"/>; else
    /// they lie in rows of a planar value, of any length.
    /// </summary>
    public bool ReadsSlots { get; init; }

    /// <summary>Whether only one worker may run it.</summary>
    public bool IsSequential { get; init; }

    /// <summary>Bsr and NofM: rows and columns of a block, 0 for any; SlicedEll: columns are entries of a unit.</summary>
    public int BlockRows { get; init; }

    public int BlockColumns { get; init; }

    /// <summary>SlicedEll: rows a slice must be this (or, with window 0, a multiple of it); 0 for any.</summary>
    public int Lanes { get; init; }

    /// <summary>SlicedEll: columns a window; 0 for any.</summary>
    public int Window { get; init; }

    /// <summary>Conv2d: the widest tile, in vectors.</summary>
    public int TileVectors { get; init; }

    /// <summary>For example <c>conv2d-csr16-1x128-avx512</c>: operation, weight format, rows × pixels of a tile, instruction set.</summary>
    public string Name => variant.Length == 0 ? operation + "-" + setName : operation + "-" + variant + "-" + setName;

    /// <summary>Whether it can run a step.</summary>
    /// <param name="blob">The blob of the step.</param>
    /// <param name="step">The step.</param>
    public bool Fits(BlobView blob, OperationRecord* step)
    {
        WeightRecord* weight = step->Weight < 0 ? null : blob.Weights + step->Weight;
        if (step->Kind != kind || (format != 0 && (weight == null || weight->Format != format)))
        {
            return false;
        }

        if (ReadsSlots && blob.Values[step->Input0].Lanes % Width != 0)
        {
            return false;
        }

        if ((BlockRows != 0 && weight->BlockRows != BlockRows) || (BlockColumns != 0 && weight->BlockColumns != BlockColumns))
        {
            return false;
        }

        return Lanes == 0 || (Window == 0 ? weight->Lanes % Lanes == 0 : weight->Lanes == Lanes && weight->Window == Window);
    }
}
