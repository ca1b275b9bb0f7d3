using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Offload;

/// <summary>Convolutions and fully connected layers, which are the same products of a sparse matrix: with pixels, or with samples.</summary>
internal static unsafe class ProductPlan
{
    private const int QuadRows = 4;

    /// <summary>Entries of a row that a thread should have at least where several share a row.</summary>
    private const int FewestEntries = 4;

    public static void AddConvolution(DevicePlanner planner, OperationRecord* operation)
    {
        BlobView blob = planner.Blob;
        WeightRecord* weight = blob.Weights + operation->Weight;
        DeviceStep step = planner.StepOf(operation);
        step.IsAligned = step.Output.Lanes % ProductLaunch.PixelsTogether == 0 ? 1 : 0;
        AddBias(planner, weight, ref step);
        FramePlan.AddTo(planner, operation, ProductLaunch.PixelsTogether, ref step);
        if (weight->Format == WeightFormat.Depthwise)
        {
            step.Columns = weight->Columns;
            step.GroupRows = weight->Rows / weight->Groups;
            step.ColumnStride = weight->ColumnStride;
            step.Values = planner.Constants.Add(new ReadOnlySpan<float>(blob.Data + weight->DataValues, weight->Rows * weight->Columns));
            step.Offsets = planner.Constants.Add(new ReadOnlySpan<int>(blob.Data + weight->DataIndices, weight->Columns));
            step.Tiles = ProductLaunch.Pieces(step.Output.MapElements);
            step.Count = weight->Rows * step.Tiles;
            planner.Launch(DeviceKernel.Depthwise, step);
            return;
        }

        bool isQuads = AddWeight(planner, weight, isLinear: false, scale: 1, ref step);
        ProductLaunch.Add(planner, isQuads, EntriesOf(weight, isQuads), ref step, planner.Shape.Batch);
    }

    public static void AddLinear(DevicePlanner planner, OperationRecord* operation)
    {
        WeightRecord* weight = planner.Blob.Weights + operation->Weight;
        DeviceStep step = planner.StepOf(operation);
        AddBias(planner, weight, ref step);
        int samples = SamplesOf(planner);
        step.IsAligned = samples > 1 ? 1 : 0;
        bool isQuads = AddWeight(planner, weight, isLinear: true, samples, ref step);
        if (planner.Shape.Batch == 1)
        {
            step.UnitThreads = planner.ThreadsFor(EntriesOf(weight, isQuads) / FewestEntries);
            planner.LaunchLines(isQuads ? DeviceKernel.VectorQuads : DeviceKernel.VectorRows, step);
            return;
        }

        AddBatch(planner, weight, isQuads, step);
    }

    /// <summary>
    /// The samples' vectors as one matrix [elements, samples], the product as that of a convolution whose pixels are the samples,
    /// and its rows back to the samples.
    /// </summary>
    private static void AddBatch(DevicePlanner planner, WeightRecord* weight, bool isQuads, DeviceStep step)
    {
        int samples = SamplesOf(planner);
        long elements = ((long)weight->Columns + weight->Rows) * samples;
        int scratch = planner.Scratch((int)Math.Min(elements, int.MaxValue));
        DevicePlanes from = Matrix(scratch, weight->Columns, samples);
        DevicePlanes to = Matrix(scratch + (weight->Columns * samples), weight->Rows, samples);

        DeviceStep gather = step;
        gather.Output = from;
        gather.Count = weight->Columns;
        planner.Launch(DeviceKernel.GatherBatch, gather);

        DeviceStep product = step;
        product.Input = from;
        product.Output = to;
        product.Input1 = default;
        product.Activation = (int)Activation.None;
        (product.Low, product.High) = (float.NegativeInfinity, float.PositiveInfinity);
        product.StrideY = product.StrideX = 1;
        // One grid for all samples.
        product.ArenaStride = 0;
        ProductLaunch.Add(planner, isQuads, EntriesOf(weight, isQuads), ref product, 1);

        DeviceStep scatter = step;
        scatter.Input = to;
        scatter.Count = weight->Rows;
        planner.Launch(DeviceKernel.ScatterBatch, scatter);
    }

    /// <summary>Columns of the matrix that a batch's vectors become.</summary>
    private static int SamplesOf(DevicePlanner planner) =>
        planner.Shape.Batch == 1 ? 1 : (planner.Shape.Batch + ProductLaunch.PixelsTogether - 1) & -ProductLaunch.PixelsTogether;

    private static DevicePlanes Matrix(int start, int rows, int columns) => new()
    {
        Start = start,
        Slots = start,
        Channels = rows,
        Height = 1,
        Width = columns,
        Lanes = 1,
        GridY = 1,
        GridX = 1,
        RegionY = 1,
        RegionX = columns,
        RowStride = columns,
        ChannelStride = columns,
    };

    private static void AddBias(DevicePlanner planner, WeightRecord* weight, ref DeviceStep step)
    {
        step.Rows = weight->Rows;
        step.Bias = planner.Constants.Add(new ReadOnlySpan<float>(planner.Blob.Data + weight->DataBias, weight->Rows));
    }

    /// <summary>Whether the weight's units are four rows.</summary>
    private static bool AddWeight(DevicePlanner planner, WeightRecord* weight, bool isLinear, int scale, ref DeviceStep step)
    {
        int shift = step.IsAligned != 0 ? 2 : 0;
        if (weight->Format == WeightFormat.Dense)
        {
            if (isLinear)
            {
                SparseQuads.AddDenseRows(planner.Blob, weight, planner.Constants, scale, shift, ref step);
            }
            else
            {
                SparseQuads.AddDense(planner.Blob, weight, planner.Constants, shift, ref step);
            }

            return true;
        }

        if (weight->Format is WeightFormat.Bsr16 or WeightFormat.Bsr32 && weight->BlockRows % QuadRows == 0)
        {
            SparseQuads.AddBlocks(planner.Blob, weight, planner.Constants, scale, shift, ref step);
            return true;
        }

        step.Count = weight->Rows;
        SparseRows.Add(planner.Blob, weight, planner.Constants, scale, shift, ref step);
        return false;
    }

    /// <summary>Entries of a unit, on average.</summary>
    private static long EntriesOf(WeightRecord* weight, bool isQuads) => weight->Format == WeightFormat.Dense
        ? weight->Columns
        : weight->NonZeros / Math.Max(isQuads ? (weight->Rows + QuadRows - 1) / QuadRows * QuadRows : weight->Rows, 1);
}
