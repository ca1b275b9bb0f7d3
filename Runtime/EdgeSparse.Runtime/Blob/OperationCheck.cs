namespace EdgeSparse.Runtime.Blob;

/// <summary>Steps of the plan: operands that exist and fit each other, and no read outside an input value.</summary>
internal static unsafe class OperationCheck
{
    /// <param name="blob">A blob whose values and weights have been checked.</param>
    /// <param name="indices">What the indices of each weight reach.</param>
    public static void Check(BlobView blob, WeightIndices[] indices)
    {
        for (int i = 0; i < blob.OperationCount; i++)
        {
            OperationRecord* step = blob.Operations + i;
            OperationFieldCheck.Check(blob, i, step);
            ref readonly ValueRecord y = ref blob.Values[step->Output];
            if (step->Kind != OperationKind.Relayout)
            {
                LayoutCheck.RequireRegionsHoldMap(blob, i, in y);
            }

            if (step->Kind == OperationKind.Constant)
            {
                ConstantCheck.Check(blob, i, in y);
            }
            else if (step->Kind >= OperationKind.Binary)
            {
                CheckGeneral(blob, i, step, in blob.Values[step->Input0], in y);
            }
            else
            {
                CheckNetwork(blob, i, step, in blob.Values[step->Input0], in y, indices);
            }
        }
    }

    public static BlobFormatException Wrong(BlobView blob, int index, string what) =>
        new("operation " + index + " '" + TextCheck.Name(blob, blob.Operations[index].NameOffset, blob.Operations[index].NameLength)
            + "': " + what);

    /// <summary>Pixels of all channels.</summary>
    public static long PixelCount(in ValueRecord value) => (long)value.Channels * value.Height * value.Width;

    /// <summary>Layers of convolutional networks, and what copies their values.</summary>
    private static void CheckNetwork(BlobView blob, int i, OperationRecord* step, in ValueRecord x, in ValueRecord y, WeightIndices[] indices)
    {
        if (step->Input1 >= 0)
        {
            LayoutCheck.RequireSameRegions(blob, i, in blob.Values[step->Input1], in y);
        }

        switch (step->Kind)
        {
            case OperationKind.Linear:
                LinearCheck.Check(blob, i, in x, in y, in indices[step->Weight]);
                break;
            case OperationKind.Conv2d:
                ConvCheck.Check(blob, i, in x, in y, in indices[step->Weight]);
                break;
            case OperationKind.MaxPool or OperationKind.AveragePool:
                PoolCheck.Check(blob, i, in x, in y);
                break;
            case OperationKind.Activate or OperationKind.Add:
                LayoutCheck.RequireSameRegions(blob, i, in x, in y);
                break;
            case OperationKind.Softmax:
                LineCheck.CheckSoftmax(blob, i, in x, in y);
                break;
            case OperationKind.Relayout:
                CheckRelayout(blob, i, in x, in y);
                break;
            case OperationKind.GlobalAveragePool:
                PoolCheck.CheckGlobal(blob, i, in x, in y);
                break;
            case OperationKind.ChannelAffine:
                LayoutCheck.RequireSameRegions(blob, i, in x, in y);
                CheckAffine(blob, i, in x);
                break;
        }
    }

    /// <summary>Operations with parameters.</summary>
    private static void CheckGeneral(BlobView blob, int i, OperationRecord* step, in ValueRecord x, in ValueRecord y)
    {
        switch (step->Kind)
        {
            case OperationKind.Binary:
                BroadcastCheck.CheckBinary(blob, i, in x, in y);
                break;
            case OperationKind.Select:
                BroadcastCheck.CheckSelect(blob, i, in y);
                break;
            case OperationKind.Rearrange:
                RearrangeCheck.Check(blob, i, in x, in y);
                break;
            case OperationKind.Channels:
                ChannelsCheck.Check(blob, i, in x, in y);
                break;
            case OperationKind.Reduce:
                LineCheck.CheckReduce(blob, i, in x, in y);
                break;
            case OperationKind.TopK:
                LineCheck.CheckTopK(blob, i, in x, in y);
                break;
            case OperationKind.Resample:
                LineCheck.CheckResample(blob, i, in x, in y);
                break;
            case OperationKind.Normalise:
                LineCheck.CheckNormalise(blob, i, in x, in y);
                break;
            case OperationKind.LocalResponse:
                LocalResponseCheck.Check(blob, i, in x, in y);
                break;
            case OperationKind.MatMul:
                MatMulCheck.Check(blob, i, in x, in y);
                break;
            case OperationKind.Gather:
                LineCheck.CheckGather(blob, i, in x, in y);
                break;
            case OperationKind.GlobalMaxPool:
                PoolCheck.CheckGlobal(blob, i, in x, in y);
                break;
        }
    }

    private static void CheckRelayout(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        if (!LayoutCheck.SameShape(in x, in y)
            && (PixelCount(in x) != PixelCount(in y) || (x.Lanes != 1 && y.Lanes != 1)))
        {
            throw Wrong(blob, i, "its input and output differ in shape, and neither is planar with as many pixels as the other");
        }
    }

    private static void CheckAffine(BlobView blob, int i, in ValueRecord x)
    {
        WeightRecord* weight = blob.Weights + blob.Operations[i].Weight;
        if (weight->Format != WeightFormat.Dense || weight->IndexBytes != 0 || weight->Rows != x.Channels || weight->Columns != 1)
        {
            throw Wrong(blob, i, "its weight is not dense, " + x.Channels + " x 1, without indices");
        }
    }
}
