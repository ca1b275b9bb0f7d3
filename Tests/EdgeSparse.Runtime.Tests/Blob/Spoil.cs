using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Sessions;

namespace EdgeSparse.Runtime.Tests.Blob;

/// <summary>Changes one record of a good blob.</summary>
internal static class Spoil
{
    public delegate void Change<T>(ref T record);

    public static BlobBuilder Value(string name, Change<ValueRecord> change)
    {
        BlobBuilder blob = SmallNetwork.Build();
        Apply(blob.Values, IndexOf(blob, name), change);
        return blob;
    }

    /// <summary>Moves a value to the place of another.</summary>
    public static BlobBuilder Overlay(string name, string over)
    {
        BlobBuilder blob = SmallNetwork.Build();
        long place = blob.Values[IndexOf(blob, over)].ArenaOffset;
        return Value(name, (ref ValueRecord v) => v.ArenaOffset = place);
    }

    public static BlobBuilder Weight(WeightFormat format, Change<WeightRecord> change)
    {
        BlobBuilder blob = SmallNetwork.Build();
        Apply(blob.Weights, blob.Weights.FindIndex(w => w.Format == format), change);
        return blob;
    }

    public static BlobBuilder Binding(int index, Change<BindingRecord> change)
    {
        BlobBuilder blob = SmallNetwork.Build();
        Apply(blob.Bindings, index, change);
        return blob;
    }

    /// <summary>The first step of a name.</summary>
    public static BlobBuilder Step(string name, Change<OperationRecord> change)
    {
        BlobBuilder blob = SmallNetwork.Build();
        Apply(blob.Operations, blob.Operations.FindIndex(o => blob.NameOf(o.NameOffset, o.NameLength) == name), change);
        return blob;
    }

    private static int IndexOf(BlobBuilder blob, string value) =>
        blob.Values.FindIndex(v => blob.NameOf(v.NameOffset, v.NameLength) == value);

    private static void Apply<T>(List<T> records, int index, Change<T> change)
    {
        T record = records[index];
        change(ref record);
        records[index] = record;
    }
}
