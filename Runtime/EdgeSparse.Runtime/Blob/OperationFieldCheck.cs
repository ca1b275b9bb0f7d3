namespace EdgeSparse.Runtime.Blob;

/// <summary>The fields of a step by themselves: a known kind, operands that exist, nothing stated that the kind does not have.</summary>
internal static unsafe class OperationFieldCheck
{
    private const int WidestTile = 8;

    public static void Check(BlobView blob, int i, OperationRecord* step)
    {
        if (step->Kind is < OperationKind.Linear or > OperationKind.Gather)
        {
            throw OperationCheck.Wrong(blob, i, "its kind is " + (uint)step->Kind + "; 1 (Linear) to 23 (Gather) are known");
        }

        if ((step->Reserved0 | step->Reserved1) != 0)
        {
            throw OperationCheck.Wrong(blob, i, "a reserved field is not zero");
        }

        CheckOperands(blob, i, step);
        ActivationCheck.Check(blob, i, step);
        if (step->CountIncludePad != 0 && (step->CountIncludePad != 1 || step->Kind != OperationKind.AveragePool))
        {
            throw OperationCheck.Wrong(blob, i, "CountIncludePad " + step->CountIncludePad + " is not one that its kind has");
        }

        if (step->TileVectors < 0 || step->TileVectors > (step->Kind == OperationKind.Conv2d ? WidestTile : 0))
        {
            throw OperationCheck.Wrong(blob, i, "TileVectors is " + step->TileVectors + "; a Conv2d has 0 to " + WidestTile + ", other kinds 0");
        }

        if (step->Function > LastFunction(step->Kind))
        {
            throw OperationCheck.Wrong(blob, i, "its function is " + step->Function + "; its kind has 0 to " + LastFunction(step->Kind));
        }

        bool hasParameters = step->Kind == OperationKind.Softmax
            || (step->Kind >= OperationKind.Binary && step->Kind != OperationKind.GlobalMaxPool);
        if (!hasParameters && !DataRangeCheck.IsAbsent(step->DataParameters, step->ParameterBytes))
        {
            throw OperationCheck.Wrong(blob, i, "its kind has no parameters, but it states a range");
        }

        if (step->ParameterBytes == 0 && step->DataParameters != 0)
        {
            throw OperationCheck.Wrong(blob, i, "it has no parameters, but they start at " + step->DataParameters);
        }

        WindowCheck.CheckFields(blob, i, step);
    }

    private static void CheckOperands(BlobView blob, int i, OperationRecord* step)
    {
        bool product = step->Kind is OperationKind.Linear or OperationKind.Conv2d;
        bool pair = step->Kind is OperationKind.Add or OperationKind.Binary or OperationKind.Select or OperationKind.MatMul
            or OperationKind.Gather;
        RequireIndex(blob, i, "Input0", step->Input0, blob.ValueCount, wanted: step->Kind != OperationKind.Constant);
        RequireIndex(blob, i, "Input1", step->Input1, blob.ValueCount, wanted: pair || (product && step->Input1 != -1));
        RequireIndex(blob, i, "Input2", step->Input2, blob.ValueCount, wanted: step->Kind == OperationKind.Select);
        RequireIndex(blob, i, "Output", step->Output, blob.ValueCount, wanted: true);
        RequireIndex(blob, i, "Weight", step->Weight, blob.WeightCount, wanted: product || step->Kind == OperationKind.ChannelAffine);
    }

    private static uint LastFunction(OperationKind kind) => kind switch
    {
        OperationKind.Binary => (uint)ElementFunction.Xor,
        OperationKind.Reduce => (uint)ReductionFunction.ArgMinLast,
        OperationKind.Softmax => 1,
        _ => 0,
    };

    private static void RequireIndex(BlobView blob, int i, string name, int index, int count, bool wanted)
    {
        if (wanted ? (uint)index >= (uint)count : index != -1)
        {
            throw OperationCheck.Wrong(blob, i, name + " is " + index + (wanted ? ", which is none of " + count : ", but its kind has none"));
        }
    }
}
