namespace EdgeSparse.Runtime.Offload;

/// <summary>
/// A model's plan for an accelerator: the kernels in their order, their arguments, and everything that they read. It is made from
/// the blob's operations whenever a session is made and is the same for the same blob and shape; device code that a blob carries
/// is launched by it.
/// </summary>
internal sealed class DevicePlan
{
    /// <summary>Elements after the last arena that a kernel may load, but does not use.</summary>
    private const int Slack = 64;

    internal DevicePlan(
        DeviceShape shape, IReadOnlyList<DeviceLaunch> setup, IReadOnlyList<DeviceLaunch> launches, ConstantTable constants, int arenaStride, int scratch)
    {
        Shape = shape;
        Setup = setup;
        Launches = launches;
        Constants = constants;
        ArenaStride = arenaStride;
        ArenaElements = ((long)arenaStride * shape.Batch) + scratch + Slack;
    }

    public DeviceShape Shape { get; }

    /// <summary>Launched once, before the first run.</summary>
    public IReadOnlyList<DeviceLaunch> Setup { get; }

    /// <summary>Launched one after the other for each run.</summary>
    public IReadOnlyList<DeviceLaunch> Launches { get; }

    public ConstantTable Constants { get; }

    /// <summary>Elements from a sample's arena to the next one's.</summary>
    public int ArenaStride { get; }

    /// <summary>Elements of the activations: the arenas of all samples, and what a batch needs besides.</summary>
    public long ArenaElements { get; }

    /// <summary>Bytes of device memory that the plan takes; nothing else is allocated.</summary>
    public long DeviceBytes => (ArenaElements + Constants.Words.Length) * sizeof(float);
}
