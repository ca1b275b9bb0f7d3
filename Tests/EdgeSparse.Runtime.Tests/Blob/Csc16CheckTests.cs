using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Kernels;

namespace EdgeSparse.Runtime.Tests.Blob;

/// <summary>5 rows × 3 columns in bands of 3 rows: the second has 2.</summary>
public sealed class Csc16CheckTests
{
    private static readonly uint[] Pointers = [0, 2, 3, 3, 4, 4, 6];
    private static readonly ushort[] Rows = [0, 2, 1, 0, 0, 1];

    [Fact]
    public void The_weight_is_what_the_document_says()
    {
        // Band 0: column 0 has rows 0 and 2, column 1 row 1. Band 1: column 0 has row 3, column 2 rows 3 and 4.
        foreach (InstructionSet set in KernelRun.Sets)
        {
            Assert.Equal([1.5f, 30.5f, 2.5f, 504.5f, 600.5f], KernelRun.Run(Blob(), set, [1, 10, 100]));
        }
    }

    [Fact]
    public void Pointers_are_checked()
    {
        Refuses(Blob(pointers: [1, 2, 3, 3, 4, 4, 6]), "its first column pointer is 1, its last one 6; they must be 0 and its NonZeros, 6");
        Refuses(Blob(pointers: [0, 2, 3, 3, 4, 4, 5]), "its first column pointer is 0, its last one 5; they must be 0 and its NonZeros, 6");
        Refuses(Blob(pointers: [0, 2, 1, 3, 4, 4, 6]), "column 1 of band 0 reaches from 2 to 1, which is backwards or more than 6");
        Refuses(Blob(pointers: [0, 7, 3, 3, 4, 4, 6]), "column 0 of band 0 reaches from 0 to 7, which is backwards or more than 6");
        Refuses(Blob(pointers: [0, 2, 3, 3, 4, uint.MaxValue, 6]), "column 1 of band 1 reaches from 4 to 4294967295");
        Refuses(Blob(pointers: [0, 2, 3, 3, 6]), "Pointers has 20 bytes, but needs 28");
        Refuses(Blob(w => w with { NonZeros = 7 }, pointers: [0, 2, 3, 3, 4, 4, 7]), "Values has 24 bytes, but needs 28");
    }

    [Fact]
    public void Rows_are_checked()
    {
        Refuses(Blob(rows: [0, 3, 1, 0, 0, 1]), "column 0 of band 0 has the row 3, which is none of 3 or does not follow row 0");
        Refuses(Blob(rows: [0, 2, 1, 0, 0, 2]), "column 2 of band 1 has the row 2, which is none of 2 or does not follow row 0");
        Refuses(Blob(rows: [0, 2, 1, ushort.MaxValue, 0, 1]), "column 0 of band 1 has the row 65535, which is none of 2");
        Refuses(Blob(rows: [0, 0, 1, 0, 0, 1]), "column 0 of band 0 has the row 0, which is none of 3 or does not follow row 0");
        Refuses(Blob(rows: [0, 2, 1, 0, 1, 0]), "column 2 of band 1 has the row 0, which is none of 2 or does not follow row 1");
        Refuses(Blob(rows: [0, 2, 1, 0, 0]), "Indices has 10 bytes, but needs 12");
    }

    [Fact]
    public void Fields_are_checked()
    {
        Refuses(Blob(w => w with { BlockRows = 0 }), "it has bands of 0 rows and 1 groups; 1 to 65536 and 1 are allowed");
        Refuses(Blob(w => w with { BlockRows = -3 }), "it has bands of -3 rows");
        Refuses(Blob(w => w with { BlockRows = 65537 }), "it has bands of 65537 rows");
        Refuses(Blob(w => w with { Groups = 5 }), "it has bands of 3 rows and 5 groups");
        Refuses(Blob(w => w with { BlockRows = 5 }), "Pointers has 28 bytes, but needs 16");
        Refuses(Blob(w => w with { BlockColumns = 1 }), "its format has no blocks of 3x1");
        Refuses(Blob(w => w with { Lanes = 4 }), "its format has no lanes and no window");
        Refuses(Blob(w => w with { ColumnStride = 1 }), "its column stride 1 is negative or not one that its format has");
        Refuses(Blob(w => w with { Chunks = 2 }), "it has 2 chunks; 1 to 1 are allowed");
        Refuses(Blob(w => w with { IndexUnit = 4 }), "its index unit is 4; 1 is allowed");
        Refuses(Blob(w => w with { RowMapBytes = 4 }), "its format has no RowMap");
        Refuses(Blob(w => w with { WindowBytes = 4 }), "its format has no Windows");
    }

    private static BlobBuilder Blob(Func<WeightRecord, WeightRecord>? change = null, uint[]? pointers = null, ushort[]? rows = null)
    {
        var blob = new BlobBuilder();
        int input = blob.Vector("x", 3);
        int output = blob.Vector("y", 5);
        var record = new WeightRecord { Format = WeightFormat.Csc16, Rows = 5, Columns = 3, Groups = 1, NonZeros = 6, BlockRows = 3 };
        int weight = blob.Weight("w", record, [1, 2, 3, 4, 5, 6], rows ?? Rows, pointers ?? Pointers, [0.5f, 0.5f, 0.5f, 0.5f, 0.5f]);
        blob.Weights[weight] = change?.Invoke(blob.Weights[weight]) ?? blob.Weights[weight];
        blob.Input("x", input, 1, 3);
        blob.Output("y", output, 1, 5);
        blob.Step("fc", OperationKind.Linear, input, output, weight: weight);
        return blob;
    }

    private static void Refuses(BlobBuilder blob, string because)
    {
        string message = Assert.Throws<BlobFormatException>(() => Model.FromBytes(blob.Build()).Dispose()).Message;
        Assert.Contains($"weight 0 'w': {because}", message, StringComparison.Ordinal);
    }
}
