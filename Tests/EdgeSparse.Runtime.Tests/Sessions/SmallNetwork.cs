using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Blob;
using EdgeSparse.Runtime.Tests.Kernels;

namespace EdgeSparse.Runtime.Tests.Sessions;

/// <summary>A network with every operation and every weight format, small enough to spoil each of its bytes in turn.</summary>
internal sealed class SmallNetwork
{
    public const int Inputs = 2 * 6 * 7;
    public const int Outputs = 5;

    private readonly Random random = new(11);
    private readonly BlobBuilder blob = new() { Metadata = "{\"name\":\"small\"}" };

    private SmallNetwork()
    {
    }

    public static float[] Sample(int seed) => SparseCase.Values(new Random(seed), Inputs);

    /// <summary>1×2×6×7 pixels to 5 probabilities.</summary>
    public static BlobBuilder Build()
    {
        var network = new SmallNetwork();
        BlobBuilder blob = network.blob;
        int pixels = blob.Value("pixels", 2, 6, 7);
        blob.ScaledInput("pixels", pixels, [0.5f, 0.25f], [0.5f, 1], 1, 2, 6, 7);
        int pooled = network.AddPooling(network.AddPointwise(network.AddWindows(pixels)));
        int probabilities = network.AddVectors(pooled);
        blob.Output("probabilities", probabilities, 1, Outputs);
        return blob;
    }

    public static OperationRecord Window(int kernel, int stride, int pad) => new()
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

    /// <summary>Convolutions of 3×3 over 16 lanes with halos: 5×3×4.</summary>
    private int AddWindows(int pixels)
    {
        Slots framed = Slots.Grid(4, 4, halo: 1);
        int blocked = blob.Value("blocked", 2, 6, 7, framed);
        blob.Step("blocked", OperationKind.Relayout, pixels, blocked);
        int conv1 = Conv("conv1", WeightFormat.Csr16, blocked, blob.Value("conv1", 3, 6, 7, framed), Window(3, 1, 1), Activation.Relu);
        int affine = blob.Value("affine", 3, 6, 7, Slots.Grid(4, 4));
        int scale = blob.Weight(
            "scale", new WeightRecord { Format = WeightFormat.Dense, Rows = 3, Columns = 1, Groups = 1, NonZeros = 3 },
            SparseCase.Values(random, 3), null, null, SparseCase.Values(random, 3));
        blob.Step(
            "affine", OperationKind.ChannelAffine, conv1, affine, new OperationRecord { ActivationA = -1, ActivationB = 2 }, scale,
            activation: Activation.Clip);
        int sum = blob.Value("sum", 3, 6, 7, framed);
        blob.Step("sum", OperationKind.Add, conv1, sum, input1: affine, activation: Activation.Relu);
        int dense = Conv("dense", WeightFormat.Dense, sum, blob.Value("dense", 5, 3, 4, framed), Window(3, 2, 1));
        return Conv("depthwise", WeightFormat.Depthwise, dense, blob.Value("depthwise", 5, 3, 4, Slots.Grid(4, 4)), Window(3, 1, 1));
    }

    /// <summary>Convolutions of 1×1 in the other formats, at last over flat lanes.</summary>
    private int AddPointwise(int input)
    {
        Slots grid = Slots.Grid(4, 4);
        OperationRecord one = Window(1, 1, 0);
        int delta = blob.Value("delta", 5, 3, 4, grid);
        int weight = TestWeight.Conv(
            blob, WeightFormat.CsrDelta8, input, one, 1, SparseCase.Sparse(random, 25, 0.5), SparseCase.Values(random, 5), chunks: 2);
        blob.Step("delta", OperationKind.Conv2d, input, delta, one with { TileVectors = 2 }, weight, input1: input, activation: Activation.HardSwish);
        int block = Conv("bsr16", WeightFormat.Bsr16, delta, blob.Value("bsr16", 5, 3, 4, grid), one, blockRows: 4, blockColumns: 4);
        int csr = Conv("csr32", WeightFormat.Csr32, block, blob.Value("csr32", 5, 3, 4, grid), one);
        int some = Conv("2of4", WeightFormat.NofM, csr, blob.Value("2of4", 5, 3, 4, grid), one, blockRows: 2, blockColumns: 4);
        int flat = blob.Value("flat", 5, 3, 4, Slots.Flat(4));
        blob.Step("flat", OperationKind.Relayout, some, flat);
        int bsr32 = Conv("bsr32", WeightFormat.Bsr32, flat, blob.Value("bsr32", 5, 3, 4, Slots.Flat(4)), one, blockRows: 8, blockColumns: 1);
        blob.Step("leaky", OperationKind.Activate, bsr32, bsr32, new OperationRecord { ActivationA = 0.1f }, activation: Activation.LeakyRelu);
        return bsr32;
    }

    /// <summary>A maximum and an average over 8 lanes: 5×2×4, planar.</summary>
    private int AddPooling(int input)
    {
        int lowest = blob.Value("lowest", 5, 3, 4, Slots.Grid(2, 4, halo: 1, Frame.Lowest));
        int max = blob.Value("max", 5, 3, 4, Slots.Grid(2, 4) with { Bottom = 1, Right = 1, Frame = Frame.Zero });
        int average = blob.Value("average", 5, 2, 4, Slots.Grid(2, 4));
        int mean = blob.Vector("mean", 5);
        int planar = blob.Value("planar", 5, 2, 4, new Slots { Slack = 24 });
        blob.Step("lowest", OperationKind.Relayout, input, lowest);
        blob.Step("max", OperationKind.MaxPool, lowest, max, Window(3, 1, 1));
        blob.Step(
            "average", OperationKind.AveragePool, max, average,
            Window(2, 2, 0) with { StrideX = 1, PadBottom = 1, PadRight = 1, CountIncludePad = 1 });
        blob.Step("mean", OperationKind.GlobalAveragePool, max, mean);
        blob.Step("planar", OperationKind.Relayout, average, planar);
        return planar;
    }

    private int AddVectors(int pooled)
    {
        int mean = pooled - 1;
        int hidden = blob.Vector("hidden", 9);
        int hidden2 = blob.Vector("hidden2", 6);
        int joined = blob.Vector("joined", 6);
        int copied = blob.Value("copied", 1, 2, 3);
        int middle = blob.Vector("middle", 7);
        int logits = blob.Vector("logits", Outputs);
        int probabilities = blob.Vector("probabilities", Outputs);
        blob.Step("fc1", OperationKind.Linear, pooled, hidden, weight: SlicedEll(9, 40, 16, 64, 4), activation: Activation.Relu);
        blob.Step("fc2", OperationKind.Linear, hidden, hidden2, weight: SlicedEll(6, 9, 4, 32, 2));
        blob.Step(
            "join", OperationKind.Linear, mean, joined, weight: Linear(WeightFormat.Dense, 6, 5), input1: hidden2,
            activation: Activation.Sigmoid);
        blob.Step("copy", OperationKind.Relayout, joined, copied);
        blob.Step("fc3", OperationKind.Linear, copied, middle, weight: Linear(WeightFormat.Csr16, 7, 6));
        blob.Step("fc4", OperationKind.Linear, middle, logits, weight: Linear(WeightFormat.Csr32, Outputs, 7));
        int again = blob.Vector("again", Outputs);
        blob.Step("fc5", OperationKind.Linear, logits, again, weight: Linear(WeightFormat.Csc16, Outputs, Outputs, 3), activation: Activation.Tanh);
        blob.Step("softmax", OperationKind.Softmax, again, probabilities, parameters: new[] { 1, Outputs, 1 });
        return probabilities;
    }

    private int SlicedEll(int rows, int columns, int lanes, int window, int entries) => SparseCase.AddSlicedEll(
        blob, rows, columns, SparseCase.Sparse(random, rows * columns, 0.7), SparseCase.Values(random, rows), lanes, window, entries, random);

    private int Linear(WeightFormat format, int rows, int columns, int blockRows = 0) => TestWeight.Linear(
        blob, format, rows, columns, SparseCase.Sparse(random, rows * columns, 0.5), SparseCase.Values(random, rows), blockRows);

    /// <summary>Adds a convolution from <paramref name="input"/> to <paramref name="output"/>, which it returns.</summary>
    private int Conv(
        string name, WeightFormat format, int input, int output, OperationRecord window, Activation activation = Activation.None,
        int blockRows = 0, int blockColumns = 0)
    {
        int groups = format == WeightFormat.Depthwise ? blob.Values[input].Channels : 1;
        int columns = blob.Values[input].Channels / groups * window.KernelY * window.KernelX;
        int outputs = blob.Values[output].Channels;
        int weight = TestWeight.Conv(
            blob, format, input, window, groups, SparseCase.Sparse(random, outputs * columns, 0.5), SparseCase.Values(random, outputs),
            blockRows, blockColumns);
        blob.Step(name, OperationKind.Conv2d, input, output, window, weight, activation: activation);
        return output;
    }
}
