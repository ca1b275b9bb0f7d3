using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>A weight format of convolutions, blocks included.</summary>
/// <param name="Name">As in kernel names: operation and format, for example <c>bsr16-4x1</c>.</param>
/// <param name="Format">The format.</param>
/// <param name="BlockRows">Rows of a block, N of N:M.</param>
/// <param name="BlockColumns">Columns of a block, M of N:M; 1 or more channels a group are needed.</param>
internal sealed record ConvFormat(string Name, WeightFormat Format, int BlockRows = 0, int BlockColumns = 0)
{
    public static readonly ConvFormat[] All =
    [
        new("csr16", WeightFormat.Csr16), new("csr32", WeightFormat.Csr32), new("csr-delta8", WeightFormat.CsrDelta8),
        .. Blocks("bsr16", WeightFormat.Bsr16), .. Blocks("bsr32", WeightFormat.Bsr32),
        new("2of4", WeightFormat.NofM, 2, 4), new("4of8", WeightFormat.NofM, 4, 8),
        new("dense", WeightFormat.Dense), new("depthwise", WeightFormat.Depthwise),
    ];

    public static ConvFormat Of(string name) => All.Single(f => f.Name == name);

    /// <summary>Whether weights may lie in chunks of the input channels.</summary>
    public bool HasChunks => Format is not (WeightFormat.Dense or WeightFormat.Depthwise);

    /// <summary>Fewest channels of a group.</summary>
    public int LeastChannels => Math.Max(BlockColumns, 1);

    private static IEnumerable<ConvFormat> Blocks(string name, WeightFormat format) =>
        from block in new (int Rows, int Columns)[] { (1, 4), (4, 1), (8, 1), (16, 1), (4, 4) }
        select new ConvFormat($"{name}-{block.Rows}x{block.Columns}", format, block.Rows, block.Columns);
}
