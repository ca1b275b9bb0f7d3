using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Runtime;

/// <summary>Turns the blob's operations into steps with resolved addresses, once per session.</summary>
internal static unsafe class PlanBuilder
{
    /// <summary>Bytes that hold any plan of the blob: a step an operation, and one that clears a border before each.</summary>
    public static Step* Build(Model model, float* arena, NativeArena memory, out int stepCount)
    {
        BlobView blob = model.View;
        Step* steps = (Step*)memory.Allocate(2L * Math.Max(blob.OperationCount, 1) * sizeof(Step));
        stepCount = 0;
        for (int i = 0; i < blob.OperationCount; i++)
        {
            OperationRecord* operation = blob.Operations + i;
            if (NeedsClearedBorder(blob, operation->Output))
            {
                Step* clear = steps + stepCount++;
                clear->Layer = i;
                clear->Output = Resolve(blob, operation->Output, arena);
                clear->Kernel = &Relayout.ClearBorder;
            }

            steps[stepCount].Layer = i;
            Fill(steps + stepCount++, blob, operation, model.Kernels[i], arena, memory);
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
            Pixels = start + value.Origin,
            Channels = value.Channels,
            Height = value.Height,
            Width = value.Width,
            RowStride = value.RowStride,
            PlaneStride = value.PlaneStride,
            Elements = (int)value.Elements,
            Contiguous = OperationCheck.IsContiguous(in value) ? 1 : 0,
        };
    }

    /// <summary>
    /// Whether whoever writes the value must write the zeros around its pixels too. Where no other value dirties that memory,
    /// the zeros of the fresh arena stay.
    /// </summary>
    public static bool NeedsClearedBorder(BlobView blob, int index)
    {
        ref readonly ValueRecord value = ref blob.Values[index];
        if (value.ZeroBorder == 0)
        {
            return false;
        }

        for (int other = 0; other < blob.ValueCount; other++)
        {
            if (other != index && LifetimeCheck.Overlap(in value, in blob.Values[other])
                && !(LifetimeCheck.SamePlaces(in value, in blob.Values[other]) && blob.Values[other].ZeroBorder == 1))
            {
                return true;
            }
        }

        return false;
    }

    private static void Fill(Step* step, BlobView blob, OperationRecord* operation, Kernel kernel, float* arena, NativeArena memory)
    {
        step->Kernel = kernel.Run;
        step->Input = Resolve(blob, operation->Input0, arena);
        step->Output = Resolve(blob, operation->Output, arena);
        if (operation->Input1 >= 0)
        {
            step->Input1 = Resolve(blob, operation->Input1, arena);
        }

        step->Floor = operation->Activation == Activation.Relu ? 0f : float.NegativeInfinity;
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
                ConvTiling.Plan(step, kernel.ShortestRun, kernel.TileVectors, memory);
                break;
            case OperationKind.Linear when step->Lanes != 0:
                FillSlicedEll(step, memory);
                break;
            case OperationKind.MaxPool or OperationKind.AveragePool:
                PoolingPlan.Plan(step, kernel.ShortestRun, operation->Kind == OperationKind.AveragePool, memory);
                break;
            case OperationKind.Softmax:
                int longest = Math.Max(step->Input.Channels, Math.Max(step->Input.Height, step->Input.Width));
                step->Scratch = (float*)memory.Allocate((long)longest * sizeof(float));
                break;
            case OperationKind.Relayout:
                GiveOneShape(step);
                break;
        }
    }

    private static void FillSlicedEll(Step* step, NativeArena memory)
    {
        step->WindowCount = (int)((step->Columns + (step->Window - 1L)) / step->Window);
        step->SliceCount = (int)((step->Rows + (step->Lanes - 1L)) / step->Lanes);
        long lanes = (long)step->SliceCount * step->Lanes;
        step->Scratch = (float*)memory.Allocate((long)step->Lanes * sizeof(float));
        step->LaneBias = (float*)memory.Allocate(lanes * sizeof(float));
        step->RowsInOrder = 1;
        for (long lane = 0; lane < lanes; lane++)
        {
            int row = step->RowMap[lane];
            if (row >= 0)
            {
                step->LaneBias[lane] = step->Bias[row];
            }

            if (row != (lane < step->Rows ? lane : -1))
            {
                step->RowsInOrder = 0;
            }
        }
    }

    private static void FillWeight(Step* step, BlobView blob, WeightRecord* weight)
    {
        step->Values = (float*)(blob.Data + weight->DataValues);
        step->Indices = blob.Data + weight->DataIndices;
        step->Pointers = (uint*)(blob.Data + weight->DataPointers);
        step->Bias = (float*)(blob.Data + weight->DataBias);
        step->RowMap = (int*)(blob.Data + weight->DataRowMap);
        step->EntryWindows = (ushort*)(blob.Data + weight->DataWindows);
        step->Rows = weight->Rows;
        step->Columns = weight->Columns;
        step->Groups = weight->Groups;
        step->Lanes = weight->Lanes;
        step->Window = weight->Window;
    }

    /// <summary>Where shapes differ, the contiguous side takes the shape of the other.</summary>
    private static void GiveOneShape(Step* step)
    {
        ref Planes x = ref step->Input;
        ref Planes y = ref step->Output;
        if (x.Channels == y.Channels && x.Height == y.Height && x.Width == y.Width)
        {
            return;
        }

        ref Planes flat = ref x.Contiguous != 0 ? ref x : ref y;
        ref Planes shaped = ref x.Contiguous != 0 ? ref y : ref x;
        flat.Channels = shaped.Channels;
        flat.Height = shaped.Height;
        flat.Width = shaped.Width;
        flat.RowStride = shaped.Width;
        flat.PlaneStride = shaped.Height * shaped.Width;
    }
}
