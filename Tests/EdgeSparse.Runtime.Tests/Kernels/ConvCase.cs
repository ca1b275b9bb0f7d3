using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>A convolution with all its numbers, as a blob and as nested loops in double precision.</summary>
internal sealed record ConvCase
{
    public required int Channels { get; init; }

    public required int Outputs { get; init; }

    public required int Groups { get; init; }

    public required int Height { get; init; }

    public required int Width { get; init; }

    public required int Kernel { get; init; }

    public required int Stride { get; init; }

    public required int Pad { get; init; }

    public required int Dilation { get; init; }

    public bool Relu { get; init; }

    public Layout OutputLayout { get; init; } = new();

    /// <summary>Take the row stride of what the convolution reads for the output too.</summary>
    public bool EqualStrides { get; init; }

    public int InputExtra { get; init; }

    public float[] X { get; init; } = [];

    public float[] Weights { get; init; } = [];

    public float[] Bias { get; init; } = [];

    private int OutHeight => OutLength(Height);

    private int OutWidth => OutLength(Width);

    private int Columns => Channels / Groups * Kernel * Kernel;

    public static ConvCase Random(Random random, double sparsity)
    {
        int groups = SparseCase.Pick(random, 1, 1, 1, 2, 3);
        int kernel = random.Next(1, 6);
        int pad = random.Next(0, 3);
        int dilation = SparseCase.Pick(random, 1, 1, 2, 3);
        int least = Math.Max(1, (dilation * (kernel - 1)) + 1 - (2 * pad));
        var c = new ConvCase
        {
            Channels = groups * random.Next(1, 5),
            Outputs = groups * random.Next(1, 8),
            Groups = groups,
            Height = least + random.Next(0, 12),
            Width = least + random.Next(0, SparseCase.Pick(random, 5, 20, 70)),
            Kernel = kernel,
            Stride = SparseCase.Pick(random, 1, 1, 1, 2, 3),
            Pad = pad,
            Dilation = dilation,
            Relu = random.Next(2) == 0,
            OutputLayout = random.Next(2) == 0
                ? new Layout()
                : new Layout { Top = random.Next(3), Left = random.Next(3), Right = random.Next(3), Bottom = 1, PlaneExtra = random.Next(9), ZeroBorder = true },
            EqualStrides = random.Next(2) == 0,
            InputExtra = random.Next(4),
        };
        return c.Fill(random, sparsity);
    }

    public ConvCase Fill(Random random, double sparsity) => this with
    {
        X = SparseCase.Values(random, Channels * Height * Width),
        Weights = SparseCase.Sparse(random, Outputs * Columns, sparsity),
        Bias = SparseCase.Values(random, Outputs),
    };

    public BlobBuilder Build(WeightFormat format)
    {
        var blob = new BlobBuilder();
        int source;
        if (Stride == 1)
        {
            source = blob.Value("x", Channels, Height, Width, new Layout
            {
                Top = Pad,
                Left = Pad,
                Bottom = Pad,
                Right = Pad + InputExtra,
                ZeroBorder = true,
            });
            blob.Input("x", source, 1, Channels, Height, Width);
        }
        else
        {
            int input = blob.Value("x", Channels, Height, Width, new Layout { Right = InputExtra });
            blob.Input("x", input, 1, Channels, Height, Width);
            source = blob.Value("phases", Channels * Stride * Stride, Phased(Height), Phased(Width), new Layout { Right = InputExtra });
            var split = new OperationRecord { StrideY = Stride, StrideX = Stride, PadTop = Pad, PadLeft = Pad };
            blob.Step("split", OperationKind.SplitPhases, input, source, split);
        }

        int stride = blob.Values[source].RowStride;
        Layout layout = OutputLayout;
        if (EqualStrides)
        {
            // Only where the output's borders fit into the input's row.
            layout = layout with { Left = 0, Right = stride - OutWidth, RowStride = stride };
        }

        int output = blob.Value("y", Outputs, OutHeight, OutWidth, layout);
        var window = new OperationRecord
        {
            KernelY = Kernel,
            KernelX = Kernel,
            StrideY = Stride,
            StrideX = Stride,
            PadTop = Pad,
            PadLeft = Pad,
            PadBottom = Pad,
            PadRight = Pad,
            DilationY = Dilation,
            DilationX = Dilation,
        };
        blob.Step("conv", OperationKind.Conv2d, source, output, window, Weight(blob, format, blob.Values[source]),
            activation: Relu ? Activation.Relu : Activation.None);
        blob.Output("y", output, 1, Outputs, OutHeight, OutWidth);
        return blob;
    }

    public (double[] Expected, double[] Magnitude) Reference()
    {
        double[] expected = new double[Outputs * OutHeight * OutWidth];
        double[] magnitude = new double[expected.Length];
        int groupInputs = Channels / Groups;
        int at = 0;
        for (int o = 0; o < Outputs; o++)
        {
            int firstChannel = o / (Outputs / Groups) * groupInputs;
            for (int y = 0; y < OutHeight; y++)
            {
                for (int x = 0; x < OutWidth; x++, at++)
                {
                    double sum = Bias[o];
                    magnitude[at] = Math.Abs(sum);
                    for (int k = 0; k < Columns; k++)
                    {
                        int iy = (y * Stride) - Pad + (k / Kernel % Kernel * Dilation);
                        int ix = (x * Stride) - Pad + (k % Kernel * Dilation);
                        if (iy < 0 || iy >= Height || ix < 0 || ix >= Width)
                        {
                            continue;
                        }

                        int channel = firstChannel + (k / (Kernel * Kernel));
                        double term = (double)Weights[(o * Columns) + k] * X[(((channel * Height) + iy) * Width) + ix];
                        sum += term;
                        magnitude[at] += Math.Abs(term);
                    }

                    expected[at] = Relu ? Math.Max(sum, 0) : sum;
                }
            }
        }

        return (expected, magnitude);
    }

    public override string ToString() =>
        $"{Channels}x{Height}x{Width} to {Outputs}, groups {Groups}, kernel {Kernel}, stride {Stride}, pad {Pad}, dilation {Dilation}";

    private int OutLength(int input) => ((input + (2 * Pad) - (Dilation * (Kernel - 1)) - 1) / Stride) + 1;

    private int Phased(int input) => (input + (2 * Pad) + Stride - 1) / Stride;

    private int Weight(BlobBuilder blob, WeightFormat format, ValueRecord source)
    {
        var record = new WeightRecord
        {
            Format = format,
            Rows = Outputs,
            Columns = Columns,
            Groups = Groups,
            Rank = 4,
            Dim0 = Outputs,
            Dim1 = Channels / Groups,
            Dim2 = Kernel,
            Dim3 = Kernel,
            NonZeros = Weights.Count(w => w != 0),
        };
        int Index(int row, int column) => Offset(row / (Outputs / Groups), column, source);
        if (format != WeightFormat.Dense)
        {
            return SparseCase.AddCsr(blob, record, Weights, Bias, Index);
        }

        uint[] indices = new uint[Groups * Columns];
        for (int i = 0; i < indices.Length; i++)
        {
            indices[i] = (uint)Offset(i / Columns, i % Columns, source);
        }

        return blob.Weight("weight", record, Weights, indices, null, Bias);
    }

    /// <summary>The element of the source that output pixel (0, 0) reads for a column.</summary>
    private int Offset(int group, int column, ValueRecord source)
    {
        int channel = (group * (Channels / Groups)) + (column / (Kernel * Kernel));
        int dy = column / Kernel % Kernel * Dilation;
        int dx = column % Kernel * Dilation;
        if (Stride == 1)
        {
            return (channel * source.PlaneStride) + (dy * source.RowStride) + dx;
        }

        int plane = (((channel * Stride) + (dy % Stride)) * Stride) + (dx % Stride);
        return (plane * source.PlaneStride) + (dy / Stride * source.RowStride) + (dx / Stride);
    }
}
