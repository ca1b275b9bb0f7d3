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
            steps[stepCount].Layer = i;
            Fill(steps + stepCount++, blob, operation, model.Kernels[i], arena, memory, workers);
            if (blob.Values[operation->Output].Frame != Frame.None && operation->Kind != OperationKind.Relayout)
            {
                Step* frame = steps + stepCount++;
                frame->Layer = i;
                frame->Output = Resolve(blob, operation->Output, arena);
                FrameFill.Plan(frame, model.Set, memory);
            }
        }

        return steps;
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
        step->Input = Resolve(blob, operation->Input0, arena);
        step->Output = Resolve(blob, operation->Output, arena);
        if (operation->Input1 >= 0)
        {
            step->Input1 = Resolve(blob, operation->Input1, arena);
        }

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
        step->Axis = operation->Axis;
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
                LinearPlan.Plan(step, memory, workers);
                break;
            case OperationKind.MaxPool or OperationKind.AveragePool:
                PoolingPlan.Plan(step, operation->Kind == OperationKind.AveragePool, memory);
                break;
            case OperationKind.Softmax:
                int longest = Math.Max(step->Input.Channels, Math.Max(step->Input.Height, step->Input.Width));
                step->Scratch = (float*)memory.Allocate((long)longest * sizeof(float));
                break;
            case OperationKind.Relayout:
                Relayout.Plan(step, memory);
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
