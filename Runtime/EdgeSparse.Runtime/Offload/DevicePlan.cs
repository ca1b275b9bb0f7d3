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
        Constants = constants;
        ArenaStride = arenaStride;
        FailurePlace = (arenaStride * shape.Batch) + scratch;
        MayFail = launches.Any(l => l.Kernel == DeviceKernel.Gather);

        // Where kernels tell of a failure is known only now.
        Launches = [.. launches.Select(l => l.Kernel == DeviceKernel.Gather ? l with { Step = l.Step with { Parameters = FailurePlace } } : l)];
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

    /// <summary>
    /// The element of the activations, 0 before a run, in which a kernel that fails leaves the place of its operation in
    /// <see cref="Model.Layers"/> + 1, and behind it the index that was out of range.
    /// </summary>
    public int FailurePlace { get; }

    /// <summary>Whether there is such a kernel.</summary>
    public bool MayFail { get; }

    /// <summary>What a kernel left at <see cref="FailurePlace"/>.</summary>
    public static EdgeSparseException Failure(IReadOnlyList<LayerInfo> layers, float layer, float index) => new(
        "layer '" + layers[(int)layer - 1].Name + "' (Gather) was given the index " + index + ", which is out of range");

    /// <summary>Bytes of device memory that the plan takes; nothing else is allocated.</summary>
    public long DeviceBytes => (ArenaElements + Constants.Words.Length) * sizeof(float);
}
