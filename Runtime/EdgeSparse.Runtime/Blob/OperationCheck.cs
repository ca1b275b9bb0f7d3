namespace EdgeSparse.Runtime.Blob;

/// <summary>Steps of the plan: operands that exist and fit each other, and no read outside an input value.</summary>
internal static unsafe class OperationCheck
{
    /// <param name="blob">A blob whose values and weights have been checked.</param>
    /// <param name="largestIndices">The largest index in each weight.</param>
    public static void Check(BlobView blob, long[] largestIndices)
    {
        for (int i = 0; i < blob.OperationCount; i++)
        {
            OperationRecord* step = blob.Operations + i;
            CheckFields(blob, i, step);
            ref readonly ValueRecord x = ref blob.Values[step->Input0];
            ref readonly ValueRecord y = ref blob.Values[step->Output];
            switch (step->Kind)
            {
                case OperationKind.Linear:
                    CheckLinear(blob, i, in x, in y, largestIndices[step->Weight]);
                    break;
                case OperationKind.Conv2d:
                    CheckConv(blob, i, in x, in y, largestIndices[step->Weight]);
                    break;
                case OperationKind.MaxPool or OperationKind.AveragePool:
                    CheckPool(blob, i, in x, in y);
                    break;
                case OperationKind.Relu or OperationKind.Softmax:
                    RequireEqualShapes(blob, i, in x, in y);
                    break;
                case OperationKind.Add:
                    RequireEqualShapes(blob, i, in x, in y);
                    RequireEqualShapes(blob, i, in blob.Values[step->Input1], in y);
                    break;
                case OperationKind.Relayout:
                    CheckRelayout(blob, i, in x, in y);
                    break;
                case OperationKind.SplitPhases:
                    if (y.Channels != (Int128)x.Channels * step->StrideY * step->StrideX)
                    {
                        throw Wrong(blob, i, "its output has " + y.Channels + " planes for " + x.Channels + " channels and strides "
                            + step->StrideY + " and " + step->StrideX);
                    }

                    break;
                case OperationKind.ChannelAffine:
                    RequireEqualShapes(blob, i, in x, in y);
                    CheckAffine(blob, i, in x);
                    break;
            }
        }
    }

    public static BlobFormatException Wrong(BlobView blob, int index, string what) =>
        new("operation " + index + " '" + TextCheck.Name(blob, blob.Operations[index].NameOffset, blob.Operations[index].NameLength)
            + "': " + what);

    /// <summary>Whether the pixels of a value lie one after the other in row-major order.</summary>
    public static bool IsContiguous(in ValueRecord value) =>
        (value.Height == 1 || value.RowStride == value.Width)
        && (value.Channels == 1 || value.PlaneStride == (long)value.Height * value.Width);

    /// <summary>Pixels of all channels.</summary>
    public static long PixelCount(in ValueRecord value) => (long)value.Channels * value.Height * value.Width;

    private static void CheckFields(BlobView blob, int i, OperationRecord* step)
    {
        if (step->Kind is < OperationKind.Linear or > OperationKind.ChannelAffine)
        {
            throw Wrong(blob, i, "its kind is " + (uint)step->Kind + "; 1 (Linear) to 10 (ChannelAffine) are known");
        }

        if ((step->Reserved0 | step->Reserved1 | step->Reserved2 | step->Reserved3 | step->Reserved4 | step->Reserved5) != 0)
        {
            throw Wrong(blob, i, "a reserved field is not zero");
        }

        RequireIndex(blob, i, "Input0", step->Input0, blob.ValueCount, wanted: true);
        RequireIndex(blob, i, "Input1", step->Input1, blob.ValueCount, wanted: step->Kind == OperationKind.Add);
        RequireIndex(blob, i, "Output", step->Output, blob.ValueCount, wanted: true);
        bool weighted = step->Kind is OperationKind.Linear or OperationKind.Conv2d or OperationKind.ChannelAffine;
        RequireIndex(blob, i, "Weight", step->Weight, blob.WeightCount, weighted);
        bool activated = weighted || step->Kind == OperationKind.Add;
        if (step->Activation != Activation.None && !(activated && step->Activation == Activation.Relu))
        {
            throw Wrong(blob, i, "its activation is " + (uint)step->Activation + ", which its kind does not have");
        }

        bool axisFits = step->Kind == OperationKind.Softmax ? step->Axis is >= 1 and <= 3 : step->Axis == 0;
        bool countFits = step->CountIncludePad == 0 || (step->CountIncludePad == 1 && step->Kind == OperationKind.AveragePool);
        if (!axisFits || !countFits)
        {
            throw Wrong(blob, i, "Axis " + step->Axis + " or CountIncludePad " + step->CountIncludePad + " is not one that its kind has");
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

    private static void CheckLinear(BlobView blob, int i, in ValueRecord x, in ValueRecord y, long largestIndex)
    {
        WeightRecord* weight = blob.Weights + blob.Operations[i].Weight;
        if (!IsContiguous(in x) || !IsContiguous(in y))
        {
            throw Wrong(blob, i, "its input or output is not contiguous");
        }

        if (PixelCount(in x) != weight->Columns || PixelCount(in y) != weight->Rows || weight->Groups != 1)
        {
            throw Wrong(blob, i, "its weight of " + weight->Rows + " x " + weight->Columns + " does not fit " + PixelCount(in x)
                + " inputs and " + PixelCount(in y) + " outputs");
        }

        CheckLinearIndices(blob, i, weight, in x, largestIndex);
    }

    private static void CheckLinearIndices(BlobView blob, int i, WeightRecord* weight, in ValueRecord x, long largestIndex)
    {
        if (weight->Format == WeightFormat.Dense && weight->IndexBytes != 0)
        {
            throw Wrong(blob, i, "its dense weight has indices");
        }

        if (weight->Format == WeightFormat.SlicedEll)
        {
            long windows = (weight->Columns + (weight->Window - 1L)) / weight->Window;
            if (x.Origin + (windows * weight->Window) > x.Elements)
            {
                throw Wrong(blob, i, "its input does not reach to the end of the last window of " + weight->Window + " columns");
            }
        }
        else if (largestIndex >= weight->Columns)
        {
            throw Wrong(blob, i, "its weight has the column " + largestIndex + " of " + weight->Columns);
        }
    }

    private static void CheckConv(BlobView blob, int i, in ValueRecord x, in ValueRecord y, long largestIndex)
    {
        WeightRecord* weight = blob.Weights + blob.Operations[i].Weight;
        if (weight->Format == WeightFormat.SlicedEll)
        {
            throw Wrong(blob, i, "a convolution's weight cannot be SlicedEll");
        }

        if (weight->Format == WeightFormat.Dense && weight->IndexBytes == 0)
        {
            throw Wrong(blob, i, "its dense weight has no indices");
        }

        if (y.Channels != weight->Rows)
        {
            throw Wrong(blob, i, "its weight has " + weight->Rows + " rows for " + y.Channels + " output channels");
        }

        if (x.RowStride < y.Width)
        {
            throw Wrong(blob, i, "its input's row stride " + x.RowStride + " is smaller than its output's width " + y.Width);
        }

        long run = ((y.Height - 1L) * x.RowStride) + y.Width;
        if (largestIndex + run > x.Elements)
        {
            throw Wrong(blob, i, "its weight's index " + largestIndex + " and a run of " + run + " reach beyond the input's "
                + x.Elements + " elements");
        }
    }

    private static void CheckPool(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        if (x.Channels != y.Channels)
        {
            throw Wrong(blob, i, "it has " + x.Channels + " input and " + y.Channels + " output channels");
        }

        WindowCheck.CheckPool(blob, i, in x, in y);
    }

    private static void CheckRelayout(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        bool equal = x.Channels == y.Channels && x.Height == y.Height && x.Width == y.Width;
        if (!equal && (PixelCount(in x) != PixelCount(in y) || !(IsContiguous(in x) || IsContiguous(in y))))
        {
            throw Wrong(blob, i, "its input and output differ in shape, and neither is contiguous with as many pixels as the other");
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

    private static void RequireEqualShapes(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        if (x.Channels != y.Channels || x.Height != y.Height || x.Width != y.Width)
        {
            throw Wrong(blob, i, "its input of " + x.Channels + "x" + x.Height + "x" + x.Width + " and its output of " + y.Channels
                + "x" + y.Height + "x" + y.Width + " differ");
        }
    }
}
