using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Blob;
using EdgeSparse.Runtime.Tests.Kernels;

namespace EdgeSparse.Runtime.Tests.Sessions;

/// <summary>A network with every operation and every weight format, small enough to spoil each of its bytes in turn.</summary>
internal static class SmallNetwork
{
    public const int Inputs = 2 * 6 * 7;
    public const int Outputs = 5;

    public static float[] Sample(int seed) => SparseCase.Values(new Random(seed), Inputs);

    /// <summary>1×2×6×7 pixels to 5 probabilities.</summary>
    public static BlobBuilder Build()
    {
        var random = new Random(11);
        var blob = new BlobBuilder { Metadata = "{\"name\":\"small\"}" };
        var padded = new Layout { Top = 1, Left = 1, Right = 1, Bottom = 1, ZeroBorder = true };
        int x = blob.Value("pixels", 2, 6, 7, padded);
        int conv1 = blob.Value("conv1", 3, 6, 7, padded);
        int affine = blob.Value("affine", 3, 6, 7);
        int sum = blob.Value("sum", 3, 6, 7);
        int phases = blob.Value("phases", 12, 3, 4, new Layout { Right = 1 });
        int conv2 = blob.Value("conv2", 4, 3, 4, new Layout { RowStride = 5 });
        int conv3 = blob.Value("conv3", 4, 3, 4);
        int pooled = blob.Value("pooled", 4, 2, 2);
        int averaged = blob.Value("averaged", 4, 2, 2, new Layout { Slack = 16 });
        int hidden = blob.Vector("hidden", 9, slack: 7);
        int hidden2 = blob.Vector("hidden2", 6, slack: 2);
        int copied = blob.Value("copied", 1, 2, 3);
        int middle = blob.Vector("middle", 7);
        int logits = blob.Vector("logits", Outputs);
        int probabilities = blob.Vector("probabilities", Outputs);
        blob.ScaledInput("pixels", x, [0.5f, 0.25f], [0.5f, 1], 1, 2, 6, 7);
        blob.Output("probabilities", probabilities, 1, Outputs);

        OperationRecord three = Window(3, 1, 1);
        blob.Step("conv1", OperationKind.Conv2d, x, conv1, three, Conv(blob, random, WeightFormat.Csr16, blob.Values[x], 3, 2, 3), activation: Activation.Relu);
        int scale = blob.Weight(
            "scale", new WeightRecord { Format = WeightFormat.Dense, Rows = 3, Columns = 1, Groups = 1, NonZeros = 3 },
            SparseCase.Values(random, 3), null, null, SparseCase.Values(random, 3));
        blob.Step("affine", OperationKind.ChannelAffine, conv1, affine, weight: scale);
        blob.Step("sum", OperationKind.Add, conv1, sum, input1: affine, activation: Activation.Relu);
        blob.Step("phases", OperationKind.SplitPhases, sum, phases, new OperationRecord { StrideY = 2, StrideX = 2 });
        blob.Step("conv2", OperationKind.Conv2d, phases, conv2, Window(1, 1, 0), Conv(blob, random, WeightFormat.Dense, blob.Values[phases], 4, 12, 1));
        blob.Step("conv3", OperationKind.Conv2d, conv2, conv3, Window(1, 1, 0), Conv(blob, random, WeightFormat.Csr32, blob.Values[conv2], 4, 4, 1));
        blob.Step("relu", OperationKind.Relu, conv3, conv3);
        blob.Step("max", OperationKind.MaxPool, conv3, pooled, Window(2, 2, 0) with { PadBottom = 1 });
        blob.Step("average", OperationKind.AveragePool, pooled, averaged, Window(2, 1, 1) with { PadBottom = 0, PadRight = 0, CountIncludePad = 1 });
        int ell = SparseCase.AddSlicedEll(
            blob, 9, 16, SparseCase.Sparse(random, 9 * 16, 0.7), SparseCase.Values(random, 9), 16, 32, random);
        blob.Step("fc1", OperationKind.Linear, averaged, hidden, weight: ell, activation: Activation.Relu);
        int ell2 = SparseCase.AddSlicedEll(
            blob, 6, 9, SparseCase.Sparse(random, 6 * 9, 0.5), SparseCase.Values(random, 6), 8, 16, random);
        blob.Step("fc2", OperationKind.Linear, hidden, hidden2, weight: ell2);
        blob.Step("copy", OperationKind.Relayout, hidden2, copied);
        blob.Step("fc3", OperationKind.Linear, copied, middle, weight: Linear(blob, random, WeightFormat.Dense, 7, 6));
        blob.Step("fc4", OperationKind.Linear, middle, logits, weight: Linear(blob, random, WeightFormat.Csr32, Outputs, 7));
        blob.Step("softmax", OperationKind.Softmax, logits, probabilities, new OperationRecord { Axis = 1 });
        return blob;
    }

    private static OperationRecord Window(int kernel, int stride, int pad) => new()
    {
        KernelY = kernel,
        KernelX = kernel,
        StrideY = stride,
        StrideX = stride,
        PadTop = pad,
        PadLeft = pad,
        PadBottom = pad,
        PadRight = pad,
        DilationY = 1,
        DilationX = 1,
    };

    private static int Linear(BlobBuilder blob, Random random, WeightFormat format, int rows, int columns)
    {
        float[] weights = SparseCase.Sparse(random, rows * columns, 0.5);
        float[] bias = SparseCase.Values(random, rows);
        var record = new WeightRecord { Format = format, Rows = rows, Columns = columns, Groups = 1, NonZeros = weights.Count(w => w != 0) };
        return format == WeightFormat.Dense
            ? blob.Weight("dense", record, weights, null, null, bias)
            : SparseCase.AddCsr(blob, record, weights, bias, (_, column) => column);
    }

    private static int Conv(BlobBuilder blob, Random random, WeightFormat format, ValueRecord source, int outputs, int channels, int kernel)
    {
        int columns = channels * kernel * kernel;
        float[] weights = SparseCase.Sparse(random, outputs * columns, 0.5);
        float[] bias = SparseCase.Values(random, outputs);
        var record = new WeightRecord
        {
            Format = format,
            Rows = outputs,
            Columns = columns,
            Groups = 1,
            Rank = 4,
            Dim0 = outputs,
            Dim1 = channels,
            Dim2 = kernel,
            Dim3 = kernel,
            NonZeros = weights.Count(w => w != 0),
        };
        int Index(int column) => (column / (kernel * kernel) * source.PlaneStride)
            + (column / kernel % kernel * source.RowStride) + (column % kernel);
        return format == WeightFormat.Dense
            ? blob.Weight("conv", record, weights, Enumerable.Range(0, columns).Select(c => (uint)Index(c)).ToArray(), null, bias)
            : SparseCase.AddCsr(blob, record, weights, bias, (_, column) => Index(column));
    }
}
