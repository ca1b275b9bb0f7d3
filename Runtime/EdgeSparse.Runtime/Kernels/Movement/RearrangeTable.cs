namespace EdgeSparse.Runtime.Kernels;

/// <summary>What <see cref="Rearrange"/> needs; <see cref="RearrangePlan"/> makes it.</summary>
internal unsafe struct RearrangeTable
{
    /// <summary>The first element of the input, and of the output.</summary>
    public nint In;
    public nint Out;

    /// <summary>1 when no element comes from the input.</summary>
    public int IsFilled;
    public RearrangeDimension* Outer;
    public int OuterCount;

    /// <summary>The product of the outer lengths.</summary>
    public int Places;
    public RearrangeDimension Row;

    /// <summary>What is transposed with the row; its length is 0 where nothing is.</summary>
    public RearrangeDimension Column;

    /// <summary>The row as runs, where it has long ones.</summary>
    public RearrangeRun* Runs;
    public int RunCount;
}

/// <summary>Element i of the dimension is i · OutStride further in the output, and Places[i], or i · InStep, in the input.</summary>
internal unsafe struct RearrangeDimension
{
    public int Length;
    public nint OutStride;
    public nint InStep;

    /// <summary>Null where the places are in step; −1 where there is none.</summary>
    public int* Places;
}

/// <summary>Elements of a row that are consecutive in the input, or not from the input (Place is −1).</summary>
internal struct RearrangeRun
{
    public int At;
    public int Place;
    public int Length;
}
