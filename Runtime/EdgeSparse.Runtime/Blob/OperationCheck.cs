namespace EdgeSparse.Runtime.Blob;

/// <summary>Steps of the plan: operands that exist and fit each other, and no read outside an input value.</summary>
internal static unsafe class OperationCheck
{
    private const int WidestTile = 8;

    /// <param name="blob">A blob whose values and weights have been checked.</param>
    /// <param name="indices">What the indices of each weight reach.</param>
    public static void Check(BlobView blob, WeightIndices[] indices)
    {
        for (int i = 0; i < blob.OperationCount; i++)
        {
            OperationRecord* step = blob.Operations + i;
            CheckFields(blob, i, step);
            ref readonly ValueRecord x = ref blob.Values[step->Input0];
            ref readonly ValueRecord y = ref blob.Values[step->Output];
            if (step->Kind != OperationKind.Relayout)
            {
                LayoutCheck.RequireRegionsHoldMap(blob, i, in y);
            }

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
                    LayoutCheck.RequireEqualShapes(blob, i, in x, in y);
                    LayoutCheck.RequirePlanar(blob, i, "input", in x);
                    LayoutCheck.RequirePlanar(blob, i, "output", in y);
                    break;
                case OperationKind.Relayout:
                    CheckRelayout(blob, i, in x, in y);
                    break;
                case OperationKind.GlobalAveragePool:
                    CheckGlobalPool(blob, i, in x, in y);
                    break;
                case OperationKind.ChannelAffine:
                    LayoutCheck.RequireSameRegions(blob, i, in x, in y);
                    CheckAffine(blob, i, in x);
                    break;
            }
        }
    }

    public static BlobFormatException Wrong(BlobView blob, int index, string what) =>
        new("operation " + index + " '" + TextCheck.Name(blob, blob.Operations[index].NameOffset, blob.Operations[index].NameLength)
            + "': " + what);

    /// <summary>Pixels of all channels.</summary>
    public static long PixelCount(in ValueRecord value) => (long)value.Channels * value.Height * value.Width;

    private static void CheckFields(BlobView blob, int i, OperationRecord* step)
    {
        if (step->Kind is < OperationKind.Linear or > OperationKind.ChannelAffine)
        {
            throw Wrong(blob, i, "its kind is " + (uint)step->Kind + "; 1 (Linear) to 10 (ChannelAffine) are known");
        }

        if ((step->Reserved0 | step->Reserved1) != 0)
        {
            throw Wrong(blob, i, "a reserved field is not zero");
        }

        bool product = step->Kind is OperationKind.Linear or OperationKind.Conv2d;
        RequireIndex(blob, i, "Input0", step->Input0, blob.ValueCount, wanted: true);
        RequireIndex(
            blob, i, "Input1", step->Input1, blob.ValueCount, wanted: step->Kind == OperationKind.Add || (product && step->Input1 != -1));
        RequireIndex(blob, i, "Output", step->Output, blob.ValueCount, wanted: true);
        RequireIndex(blob, i, "Weight", step->Weight, blob.WeightCount, wanted: product || step->Kind == OperationKind.ChannelAffine);
        ActivationCheck.Check(blob, i, step);
        bool countFits = step->CountIncludePad == 0 || (step->CountIncludePad == 1 && step->Kind == OperationKind.AveragePool);
        if (!countFits)
        {
            throw Wrong(blob, i, "CountIncludePad " + step->CountIncludePad + " is not one that its kind has");
        }

        if (step->TileVectors < 0 || step->TileVectors > (step->Kind == OperationKind.Conv2d ? WidestTile : 0))
        {
            throw Wrong(blob, i, "TileVectors is " + step->TileVectors + "; a Conv2d has 0 to " + WidestTile + ", other kinds 0");
        }

        WindowCheck.CheckFields(blob, i, step);
    }

    private static void RequireIndex(BlobView blob, int i, string name, int index, int count, bool wanted)
    {
        if (wanted ? (uint)index >= (uint)count : index != -1)
        {
            throw Wrong(blob, i, name + " is " + index + (wanted ? ", which is none of " + count : ", but its kind has none"));
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

    private static void CheckGlobalPool(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        LayoutCheck.RequirePlanar(blob, i, "output", in y);
        if (y.Channels != x.Channels || y.Height != 1 || y.Width != 1)
        {
            throw Wrong(blob, i, "its output of " + y.Channels + "x" + y.Height + "x" + y.Width + " is not the vector of its input's "
                + x.Channels + " channels");
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
