using EdgeSparse.Runtime;

namespace EdgeSparse.Layers;

/// <summary>Sets of layers to measure.</summary>
internal static class LayerCases
{
    /// <exception cref="EdgeSparseException">There is no such set.</exception>
    public static LayerCase[] Of(string set) => set switch
    {
        "issue" =>
        [
            new(256, 256, 28, 1, 0.8), new(256, 256, 28, 1, 0.9), new(256, 256, 28, 1, 0.95), new(256, 256, 28, 1, 0.9, 4),
            new(512, 512, 14, 1, 0.9), new(512, 512, 14, 1, 0.9, 4), new(1024, 1024, 7, 1, 0.9),
            new(64, 64, 32, 3, 0.9), new(128, 128, 28, 3, 0.9), new(128, 128, 28, 3, 0.9, 4),
            new(784, 300, 0, 1, 0.92), new(4096, 4096, 0, 1, 0.9),
        ],
        "xnnpack" =>
        [
            new(256, 256, 28, 1, 0.8), new(256, 256, 28, 1, 0.9), new(256, 256, 28, 1, 0.95), new(512, 512, 14, 1, 0.9), new(1024, 1024, 7, 1, 0.9),
        ],
        "dense" => [new(256, 256, 28, 1, 0), new(512, 512, 14, 1, 0), new(64, 64, 32, 3, 0), new(128, 128, 28, 3, 0), new(1024, 1024, 7, 1, 0)],
        "blocks" =>
        [
            .. from size in (int[])[28, 14]
               from rows in (int[])[4, 8, 16]
               select size == 28 ? new LayerCase(256, 256, 28, 1, 0.9, rows) : new LayerCase(512, 512, 14, 1, 0.9, rows),
            .. from rows in (int[])[4, 8, 16] select new LayerCase(128, 128, 28, 3, 0.9, rows),
        ],
        "sparsities" =>
        [
            .. from sparsity in (double[])[0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
               from rows in (int[])[1, 4]
               select new LayerCase(256, 256, 28, 1, sparsity, rows),
        ],
        "linear" =>
        [
            new(784, 300, 0, 1, 0.92), new(300, 100, 0, 1, 0.91), new(100, 10, 0, 1, 0.74), new(784, 300, 0, 1, 0.9, 4), new(784, 300, 0, 1, 0.9, 16),
            .. from outputs in (int[])[4096, 1000]
               from sparsity in (double[])[0.9, 0.95]
               from rows in (int[])[1, 4, 8, 16]
               where rows == 1 || outputs == 4096
               select new LayerCase(4096, outputs, 0, 1, sparsity, rows),
        ],
        _ => throw new EdgeSparseException($"'{set}' is no set of layers; there are issue, xnnpack, dense, blocks, sparsities and linear"),
    };
}
