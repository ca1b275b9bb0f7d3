using System.Runtime.InteropServices;

namespace EdgeSparse.Runtime.Blob;

/// <summary>How the inputs of a self-test are stored.</summary>
internal enum SelfTestInputs : uint
{
    /// <summary>fp32, one an element.</summary>
    Numbers = 0,

    /// <summary>One byte an element, scaled as the input's binding says, then zeros up to a multiple of 4 bytes.</summary>
    Pixels = 1,

    /// <summary>Nothing is stored: the elements follow from <see cref="SelfTestRecord.Seed"/>.</summary>
    Generated = 2,
}

/// <summary>The start of the section SelfTest; the inputs of all samples follow, then the outputs of all samples as fp32.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 32)]
internal struct SelfTestRecord
{
    public uint Samples;
    public SelfTestInputs Inputs;

    /// <summary>Of generated inputs, else 0.</summary>
    public uint Seed;

    /// <summary>How far an output may be from what is stated, as a share of the sample's largest absolute output; above 0, at most 1.</summary>
    public float Tolerance;
    public ulong Reserved0;
    public ulong Reserved1;
}
