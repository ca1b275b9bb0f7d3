using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Runtime;

/// <summary>Turns the blob's operations into steps with resolved addresses, once per session.</summary>
internal static unsafe class PlanBuilder
{
    /// <summary>The plan's steps: one an operation, and one more where the frame of what it writes is filled after it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="arena">The session's activations.</param>
    /// <param name="memory">Where steps and their tables go.</param>
    /// <param name="workers">Threads that run each step.</param>
    /// <param name="stepCount">How many steps there are.</param>
    public static Step* Build(Model model, float* arena, NativeArena memory, int workers, out int stepCount)
    {
        BlobView blob = model.View;
        Step* steps = (Step*)memory.Allocate(2L * Math.Max(blob.OperationCount, 1) * sizeof(Step));
        stepCount = 0;
        for (int i = 0; i < blob.OperationCount; i++)
        {
            OperationRecord* operation = blob.Operations + i;
            Step* step = steps + stepCount;
            step->Layer = i;
            Fill(step, blob, operation, model.Kernels[i], arena, memory, workers);
            if (operation->Kind == OperationKind.Constant)
            {
                // Nothing writes over it, so that no run has to do it again.
                step->Kernel(step, 0, 1);
                *step = default;
                continue;
            }

            stepCount++;
            if (blob.Values[operation->Output].Frame != Frame.None && operation->Kind != OperationKind.Relayout && !IsPartBeforeAnother(blob, i))
            {
                Step* frame = steps + stepCount++;
                frame->Layer = i;
                frame->Output = Resolve(blob, operation->Output, arena);
                FrameFill.Plan(frame, model.Set, memory);
            }
        }

        return steps;
    }

    /// <summary>
    /// Whether a step writes channels of a value to which the next step that touches it adds more: then that one fills the frame.
    /// </summary>
    private static bool IsPartBeforeAnother(BlobView blob, int index)
    {
        int value = blob.Operations[index].Output;
        if (blob.Operations[index].Kind != OperationKind.Channels)
        {
            return false;
        }

        for (int i = index + 1; i < blob.OperationCount; i++)
        {
            OperationRecord* later = blob.Operations + i;
            if (later->Input0 == value || later->Input1 == value || later->Input2 == value || later->Output == value)
            {
                return later->Kind == OperationKind.Channels && later->Output == value && later->Input0 != value;
            }
        }

        return false;
    }

    public static Planes Resolve(BlobView blob, int index, float* arena)
    {
        ref readonly ValueRecord value = ref blob.Values[index];
        float* start = (float*)((byte*)arena + value.ArenaOffset);
        return new Planes
        {
            Start = start,
            Slots = start + value.Origin,
            Channels = value.Channels,
            Height = value.Height,
            Width = value.Width,
            Lanes = value.Lanes,
            GridY = value.GridY,
            GridX = value.GridX,
            RegionY = value.RegionY,
            RegionX = value.RegionX,
            RowStride = value.RowStride,
            ChannelStride = value.ChannelStride,
            HaloTop = value.HaloTop,
            HaloLeft = value.HaloLeft,
            HaloBottom = value.HaloBottom,
            HaloRight = value.HaloRight,
            Frame = value.Frame,
            Elements = (int)value.Elements,
        };
    }

    private static void Fill(
        Step* step, BlobView blob, OperationRecord* operation, Kernel kernel, float* arena, NativeArena memory, int workers)
    {
        step->Kernel = kernel.Run;
        step->Sequential = kernel.IsSequential ? 1 : 0;
        step->Output = Resolve(blob, operation->Output, arena);
        step->Input = operation->Input0 < 0 ? default : Resolve(blob, operation->Input0, arena);
        step->Input1 = operation->Input1 < 0 ? default : Resolve(blob, operation->Input1, arena);
        step->Input2 = operation->Input2 < 0 ? default : Resolve(blob, operation->Input2, arena);

        step->Activation = operation->Activation;
        step->ActivationA = operation->ActivationA;
        step->ActivationB = operation->ActivationB;
        (step->Low, step->High) = operation->Activation switch
        {
            Activation.Relu => (0f, float.PositiveInfinity),
            Activation.Clip => (operation->ActivationA, operation->ActivationB),
            _ => (float.NegativeInfinity, float.PositiveInfinity),
        };
        step->KernelY = operation->KernelY;
        step->KernelX = operation->KernelX;
        step->StrideY = operation->StrideY;
        step->StrideX = operation->StrideX;
        step->PadTop = operation->PadTop;
        step->PadLeft = operation->PadLeft;
        step->PadBottom = operation->PadBottom;
        step->PadRight = operation->PadRight;
        step->DilationY = operation->DilationY;
        step->DilationX = operation->DilationX;
        step->CountIncludePad = operation->CountIncludePad;
        step->Function = operation->Function;
        step->Parameters = operation->ParameterBytes == 0 ? null : (int*)(blob.Data + operation->DataParameters);
        if (operation->Weight >= 0)
        {
            FillWeight(step, blob, blob.Weights + operation->Weight);
        }

        switch (operation->Kind)
        {
            case OperationKind.Conv2d:
                ConvPlan.Plan(step, kernel, operation->TileVectors, memory, workers);
                break;
            case OperationKind.Linear:
                LinearPlan.Plan(step, kernel.Format, memory, workers);
                break;
            case OperationKind.MaxPool or OperationKind.AveragePool:
                PoolingPlan.Plan(step, operation->Kind == OperationKind.AveragePool, memory);
                break;
            case OperationKind.Relayout:
                Relayout.Plan(step, memory);
                break;
            default:
                PlanGeneral(step, operation, memory, workers);
                break;
        }
    }

    /// <summary>What operations with parameters make of them.</summary>
    private static void PlanGeneral(Step* step, OperationRecord* operation, NativeArena memory, int workers)
    {
        if (operation->Kind is OperationKind.Softmax or OperationKind.Reduce or OperationKind.TopK or OperationKind.Resample
            or OperationKind.Gather)
        {
            (step->Outer, step->Length, step->Inner) = (step->Parameters[0], step->Parameters[1], step->Parameters[2]);
        }

        switch (operation->Kind)
        {
            case OperationKind.Softmax:
                Softmax.Plan(step, memory, workers);
                break;
            case OperationKind.TopK:
                TopK.Plan(step, memory, workers);
                break;
            case OperationKind.Gather:
                step->MayFail = 1;
                break;
            case OperationKind.Binary:
                Binary.Plan(step);
                break;
            case OperationKind.Rearrange:
                RearrangePlan.Plan(step, memory);
                break;
            case OperationKind.Channels:
                Channels.Plan(step, (int)(operation->ParameterBytes / sizeof(int)), memory);
                break;
            case OperationKind.MatMul:
                MatMulPlan.Plan(step, memory, workers);
                break;
        }
    }

    private static void FillWeight(Step* step, BlobView blob, WeightRecord* weight)
    {
        step->Values = (float*)(blob.Data + weight->DataValues);
        step->Indices = blob.Data + weight->DataIndices;
        step->Pointers = weight->PointerBytes == 0 ? null : (uint*)(blob.Data + weight->DataPointers);
        step->Bias = (float*)(blob.Data + weight->DataBias);
        step->RowMap = (int*)(blob.Data + weight->DataRowMap);
        step->Windows = blob.Data + weight->DataWindows;
        step->Rows = weight->Rows;
        step->Columns = weight->Columns;
        step->Groups = weight->Groups;
        step->Lanes = weight->Lanes;
        step->Window = weight->Window;
        step->BlockColumns = Math.Max(weight->BlockColumns, 1);
        step->Chunks = weight->Chunks;
        step->IndexBytes = (nuint)weight->IndexUnit * sizeof(float);
        step->IndexWidth = weight->Format is WeightFormat.Csr16 or WeightFormat.Bsr16 ? (nuint)sizeof(ushort) : sizeof(uint);
        step->ColumnBytes = (nint)weight->ColumnStride * sizeof(float);
        step->BlockRows = weight->Format == WeightFormat.NofM ? 1 : Math.Max(weight->BlockRows, 1);
        step->RowBlocks = weight->Groups * (((weight->Rows / weight->Groups) + step->BlockRows - 1) / step->BlockRows);
    }
}
