using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Offload;

/// <summary>Convolutions and fully connected layers, which are the same products of a sparse matrix: with pixels, or with samples.</summary>
internal static unsafe class ProductPlan
{
    /// <summary>Neighbouring elements that a thread computes.</summary>
    private const int PixelsTogether = 4;

    private const int QuadRows = 4;

    /// <summary>Entries of a row that a thread should have at least where several share a row.</summary>
    private const int FewestEntries = 4;

    public static void AddConvolution(DevicePlanner planner, OperationRecord* operation)
    {
        BlobView blob = planner.Blob;
        WeightRecord* weight = blob.Weights + operation->Weight;
        DeviceStep step = planner.StepOf(operation);
        step.IsAligned = step.Output.Lanes % PixelsTogether == 0 ? 1 : 0;
        AddBias(planner, weight, ref step);
        if (weight->Format == WeightFormat.Depthwise)
        {
            step.Columns = weight->Columns;
            step.GroupRows = weight->Rows / weight->Groups;
            step.ColumnStride = weight->ColumnStride;
            step.Values = planner.Constants.Add(new ReadOnlySpan<float>(blob.Data + weight->DataValues, weight->Rows * weight->Columns));
            step.Offsets = planner.Constants.Add(new ReadOnlySpan<int>(blob.Data + weight->DataIndices, weight->Columns));
            step.Tiles = Pieces(step.Output.MapElements);
            step.Count = weight->Rows * step.Tiles;
            planner.Launch(DeviceKernel.Depthwise, step);
            return;
        }

        bool isQuads = AddWeight(planner, weight, isLinear: false, ref step);
        LaunchProduct(planner, isQuads, ref step, planner.Shape.Batch);
    }

    public static void AddLinear(DevicePlanner planner, OperationRecord* operation)
    {
        WeightRecord* weight = planner.Blob.Weights + operation->Weight;
        DeviceStep step = planner.StepOf(operation);
        AddBias(planner, weight, ref step);
        bool isQuads = AddWeight(planner, weight, isLinear: true, ref step);
        if (planner.Shape.Batch == 1)
        {
            long entries = isQuads && step.Pointers == 0 ? step.Columns : weight->NonZeros / Math.Max(step.Count, 1);
            step.UnitThreads = planner.ThreadsFor(entries / FewestEntries);
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
        int samples = (planner.Shape.Batch + PixelsTogether - 1) & -PixelsTogether;
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
        product.OffsetScale = samples;
        product.ColumnStride *= samples;
        product.IsAligned = 1;

        // One grid for all samples.
        product.ArenaStride = 0;
        LaunchProduct(planner, isQuads, ref product, 1);

        DeviceStep scatter = step;
        scatter.Input = to;
        scatter.Count = weight->Rows;
        planner.Launch(DeviceKernel.ScatterBatch, scatter);
    }

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
    private static bool AddWeight(DevicePlanner planner, WeightRecord* weight, bool isLinear, ref DeviceStep step)
    {
        step.Columns = weight->Columns;
        if (weight->Format == WeightFormat.Dense)
        {
            if (isLinear)
            {
                SparseQuads.AddDenseRows(planner.Blob, weight, planner.Constants, ref step);
            }
            else
            {
                SparseQuads.AddDense(planner.Blob, weight, planner.Constants, ref step);
            }

            return true;
        }

        if (weight->Format is WeightFormat.Bsr16 or WeightFormat.Bsr32 && weight->BlockRows % QuadRows == 0)
        {
            SparseQuads.AddBlocks(planner.Blob, weight, planner.Constants, ref step);
            return true;
        }

        step.Count = weight->Rows;
        SparseRows.Add(planner.Blob, weight, planner.Constants, ref step);
        return false;
    }

    private static void LaunchProduct(DevicePlanner planner, bool isQuads, ref DeviceStep step, int samples)
    {
        int pieces = Pieces(step.Output.MapElements);
        step.UnitThreads = planner.ThreadsFor(pieces);
        step.Tiles = (pieces + step.UnitThreads - 1) / step.UnitThreads;
        int unitsTogether = planner.Shape.GroupThreads / step.UnitThreads;
        int valuesOfEntry = isQuads ? QuadRows * step.BlockColumns : 1;
        step.Strip = Math.Max(1, Math.Min(DeviceShape.StagedEntries, DeviceShape.StagedValues / valuesOfEntry) / unitsTogether);
        long groups = (long)((step.Count + unitsTogether - 1) / unitsTogether) * step.Tiles;
        planner.Launch(isQuads ? DeviceKernel.SparseQuads : DeviceKernel.SparseRows, in step, checked((int)groups), samples);
    }

    private static int Pieces(int elements) => (elements + PixelsTogether - 1) / PixelsTogether;
}
