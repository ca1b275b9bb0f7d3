using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Sessions;

namespace EdgeSparse.Runtime.Tests.Blob;

/// <summary>Changes one record of a good blob.</summary>
internal static class Spoil
{
    public delegate void Change<T>(ref T record);

    private static readonly string[] ValueNames =
    [
        "pixels", "conv1", "affine", "sum", "phases", "conv2", "conv3", "pooled", "averaged", "hidden", "hidden2", "copied", "middle",
        "logits", "probabilities",
    ];

    public static BlobBuilder Value(string name, Change<ValueRecord> change)
    {
        BlobBuilder blob = SmallNetwork.Build();
        Apply(blob.Values, Array.IndexOf(ValueNames, name), change);
        return blob;
    }

    /// <summary>Moves a value to the place of another.</summary>
    public static BlobBuilder Overlay(string name, string over)
    {
        long place = SmallNetwork.Build().Values[Array.IndexOf(ValueNames, over)].ArenaOffset;
        return Value(name, (ref ValueRecord v) => v.ArenaOffset = place);
    }

    public static BlobBuilder Weight(WeightFormat format, Change<WeightRecord> change)
    {
        BlobBuilder blob = SmallNetwork.Build();
        Apply(blob.Weights, blob.Weights.FindIndex(w => w.Format == format), change);
        return blob;
    }

    public static BlobBuilder Step(OperationKind kind, Change<OperationRecord> change)
    {
        BlobBuilder blob = SmallNetwork.Build();
        Apply(blob.Operations, blob.Operations.FindIndex(o => o.Kind == kind), change);
        return blob;
    }

    public static BlobBuilder Binding(int index, Change<BindingRecord> change)
    {
        BlobBuilder blob = SmallNetwork.Build();
        Apply(blob.Bindings, index, change);
        return blob;
    }

    private static void Apply<T>(List<T> records, int index, Change<T> change)
    {
        T record = records[index];
        change(ref record);
        records[index] = record;
    }
}
