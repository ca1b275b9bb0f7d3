using EdgeSparse.Runtime.Offload;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>How much shared memory a product stages weights and offsets in, known when its kernel is compiled.</summary>
internal interface IStagingRoom
{
    /// <summary>Fours of numbers in one strip of all units of a group.</summary>
    int Fours { get; }

    /// <summary>Fours of weights in one strip of all units of four rows.</summary>
    int Quads { get; }
}

/// <summary>For groups of up to <see cref="DeviceShape.MostGroupThreads"/>: 45 KB, which every CUDA device has.</summary>
internal readonly struct MuchRoom : IStagingRoom
{
    public int Fours => DeviceShape.StagedFours;

    public int Quads => DeviceShape.StagedQuads;
}

/// <summary>For groups of up to <see cref="DeviceShape.UsualGroupThreads"/>: 11 KB, which every OpenCL device has.</summary>
internal readonly struct LittleRoom : IStagingRoom
{
    public int Fours => DeviceShape.FewStagedFours;

    public int Quads => DeviceShape.FewStagedQuads;
}
