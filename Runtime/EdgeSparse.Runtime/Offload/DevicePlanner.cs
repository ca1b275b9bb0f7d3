using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Offload;

/// <summary>Turns a blob's operations into launches of kernels.</summary>
internal sealed unsafe class DevicePlanner
{
    private readonly List<DeviceLaunch> setup = [];
    private readonly List<DeviceLaunch> launches = [];
    private readonly LayoutJoins joins;
    private int scratch;
    private int layer;

    public DevicePlanner(BlobView blob, DeviceShape shape)
    {
        Blob = blob;
        Shape = shape;
        joins = new LayoutJoins(blob, !shape.KeepsValues);
        long stride = joins.ArenaElements;
        if (stride * shape.Batch > Array.MaxLength)
        {
            throw new EdgeSparseException(
                "the activations of " + shape.Batch + " samples are " + (stride * shape.Batch) + " numbers, more than the " + Array.MaxLength
                + " that a device plan can hold: use a smaller batch");
        }

        ArenaStride = (int)stride;
    }

    public BlobView Blob { get; }

    public DeviceShape Shape { get; }

    public ConstantTable Constants { get; } = new();

    public int ArenaStride { get; }

    public DevicePlan Plan()
    {
        for (layer = 0; layer < Blob.OperationCount; layer++)
        {
            if (joins.IsWithPrevious(layer))
            {
                continue;
            }

            OperationRecord* operation = Blob.Operations + layer;
            int first = launches.Count;
            Add(operation);

            // A Relayout writes the whole frame itself.
            if (Blob.Values[operation->Output].Frame != Frame.None && operation->Kind != OperationKind.Relayout
                && (launches.Count == first || launches[first].Step.WritesFrame == 0))
            {
                FramePlan.Launch(this, operation);
            }
        }

        // A unit without entries at a table's end begins behind it.
        Constants.Add([0]);
        return new DevicePlan(Shape, setup, launches, Constants, ArenaStride, scratch);
    }

    /// <summary>An argument with the operands, window and activation of an operation.</summary>
    public DeviceStep StepOf(OperationRecord* operation)
    {
        var step = new DeviceStep
        {
            Output = joins.PlanesOf(operation->Output),
            ArenaStride = ArenaStride,
            Activation = (int)operation->Activation,
            ActivationA = operation->ActivationA,
            ActivationB = operation->ActivationB,
            Function = (int)operation->Function,
            KernelY = operation->KernelY,
            KernelX = operation->KernelX,
            StrideY = operation->StrideY,
            StrideX = operation->StrideX,
            PadTop = operation->PadTop,
            PadLeft = operation->PadLeft,
            DilationY = operation->DilationY,
            DilationX = operation->DilationX,
            UnitThreads = 1,
        };
        if (operation->Input0 >= 0)
        {
            step.Input = joins.PlanesOf(operation->Input0);
        }

        if (operation->Input1 >= 0)
        {
            step.Input1 = joins.PlanesOf(operation->Input1);
        }

        if (operation->Input2 >= 0)
        {
            step.Input2 = joins.PlanesOf(operation->Input2).Slots;
        }

        (step.Low, step.High) = operation->Activation switch
        {
            Activation.Relu => (0f, float.PositiveInfinity),
            Activation.Clip => (operation->ActivationA, operation->ActivationB),
            _ => (float.NegativeInfinity, float.PositiveInfinity),
        };
        return step;
    }

    /// <summary>The value that the operation in hand writes in place of its output, and where it lies; none where it writes its output.</summary>
    public bool IsWithCopy(out int copy, out DevicePlanes planes)
    {
        bool isWithCopy = joins.IsWithNext(layer);
        copy = isWithCopy ? Blob.Operations[layer + 1].Output : -1;
        planes = isWithCopy ? joins.PlanesOf(copy) : default;
        return isWithCopy;
    }

    public static void AddFrame(ref DeviceStep step, in ValueRecord output)
    {
        step.HaloTop = output.HaloTop;
        step.HaloLeft = output.HaloLeft;
        step.HaloBottom = output.HaloBottom;
        step.HaloRight = output.HaloRight;
        step.Beyond = output.Frame == Frame.Lowest ? float.NegativeInfinity : 0f;
    }

    /// <summary>Elements of all slots, halo included.</summary>
    public static int FrameElements(in ValueRecord v) =>
        v.Channels * (v.HaloTop + v.RegionY + v.HaloBottom) * (v.HaloLeft + v.RegionX + v.HaloRight) * v.Lanes;

    /// <summary>The operation's parameters, put into the constants.</summary>
    public int Parameters(OperationRecord* operation) =>
        Constants.Add(new ReadOnlySpan<int>(Blob.Data + operation->DataParameters, (int)(operation->ParameterBytes / sizeof(int))));

    /// <summary>The operation's parameters where they lie in the blob.</summary>
    public ReadOnlySpan<int> ParameterWords(OperationRecord* operation) =>
        new(Blob.Data + operation->DataParameters, (int)(operation->ParameterBytes / sizeof(int)));

    /// <summary>Room after the arenas, which every step may use anew; a multiple of four elements from their start.</summary>
    public int Scratch(int elements)
    {
        long end = ((long)ArenaStride * Shape.Batch) + elements;
        if (end > Array.MaxLength)
        {
            throw new EdgeSparseException("the activations of " + Shape.Batch + " samples are " + end + " numbers, more than the "
                + Array.MaxLength + " that a device plan can hold: use a smaller batch");
        }

        scratch = Math.Max(scratch, elements);
        return ArenaStride * Shape.Batch;
    }

    /// <summary>A launch for all samples of a step that has <see cref="DeviceStep.Count"/> elements, one a thread.</summary>
    public void Launch(DeviceKernel kernel, in DeviceStep step) => Launch(kernel, in step, GroupsFor(step.Count), Shape.Batch);

    /// <summary>A launch for all samples of a step whose lines or units take <see cref="DeviceStep.UnitThreads"/> threads each.</summary>
    public void LaunchLines(DeviceKernel kernel, DeviceStep step)
    {
        step.IsWarpAlone = Shape.IsWarpAlone(step.UnitThreads, Shape.GroupThreads) ? 1 : 0;
        Launch(kernel, in step, GroupsFor((long)step.Count * step.UnitThreads), Shape.Batch);
    }

    public void Launch(DeviceKernel kernel, in DeviceStep step, int groups, int samples) =>
        Launch(kernel, in step, groups, Shape.GroupThreads, samples);

    public void Launch(DeviceKernel kernel, in DeviceStep step, int groups, int threads, int samples) =>
        launches.Add(new DeviceLaunch(kernel, layer, groups, threads, samples, step));

    /// <summary>As <see cref="Launch(DeviceKernel, in DeviceStep)"/>, of a kernel that is told whom to name when it fails.</summary>
    public void LaunchFailing(DeviceKernel kernel, DeviceStep step)
    {
        step.Function = layer + 1;
        Launch(kernel, in step);
    }

    public void LaunchOnce(DeviceKernel kernel, in DeviceStep step) =>
        setup.Add(new DeviceLaunch(kernel, layer, GroupsFor(step.Count), Shape.GroupThreads, Shape.Batch, step));

    public int GroupsFor(long threads) => (int)Math.Max(1, (threads + Shape.GroupThreads - 1) / Shape.GroupThreads);

    /// <summary>The smallest power of two that is not below a number, at most the threads of a group.</summary>
    public int ThreadsFor(long number)
    {
        int threads = 1;
        while (threads < number && threads < Shape.GroupThreads)
        {
            threads *= 2;
        }

        return threads;
    }

    private void Add(OperationRecord* operation)
    {
        switch (operation->Kind)
        {
            case OperationKind.Conv2d:
                ProductPlan.AddConvolution(this, operation);
                break;
            case OperationKind.Linear:
                ProductPlan.AddLinear(this, operation);
                break;
            case OperationKind.MaxPool or OperationKind.AveragePool or OperationKind.GlobalAveragePool or OperationKind.GlobalMaxPool:
                PoolPlan.Add(this, operation);
                break;
            case OperationKind.Relayout or OperationKind.Rearrange or OperationKind.Channels or OperationKind.Constant:
                MovementPlan.Add(this, operation);
                break;
            case OperationKind.Activate or OperationKind.Add or OperationKind.ChannelAffine or OperationKind.Binary or OperationKind.Select
                or OperationKind.LocalResponse:
                ElementPlan.Add(this, operation);
                break;
            default:
                LinePlan.Add(this, operation);
                break;
        }
    }
}
