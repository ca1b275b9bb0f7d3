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

    public required OperationRecord Window { get; init; }

    /// <summary>Of the output; the input's regions and halo follow from it.</summary>
    public required Slots Slots { get; init; }

    /// <summary>Strides and gaps of the input, and halo beyond what windows reach.</summary>
    public Slots InputStrides { get; init; } = Slots.Planar;

    public int Chunks { get; init; } = 1;

    public Activation Activation { get; init; }

    public (float A, float B) Parameters { get; init; }

    public float[] X { get; init; } = [];

    public float[] Weights { get; init; } = [];

    public float[] Bias { get; init; } = [];

    /// <summary>What is added before the activation, or null.</summary>
    public float[]? Residual { get; init; }

    /// <summary>Let the output lie where the residual does.</summary>
    public bool InPlace { get; init; }

    public float[][] Inputs => Residual is null ? [X] : [X, Residual];

    public (int Height, int Width) Output => Window.OutputOf(Height, Width);

    private int Columns => Channels / Groups * Window.KernelY * Window.KernelX;

    /// <summary>Random weights, of which so many are zero, bias and input, and perhaps a value to add.</summary>
    public ConvCase Fill(Random random, double sparsity, bool residual) => this with
    {
        X = SparseCase.Values(random, Channels * Height * Width),
        Weights = SparseCase.Sparse(random, Outputs * Columns, sparsity),
        Bias = SparseCase.Values(random, Outputs),
        Residual = residual ? SparseCase.Values(random, Outputs * Output.Height * Output.Width) : null,
    };

    public BlobBuilder Build(ConvFormat format)
    {
        var blob = new BlobBuilder();
        (int height, int width) = Output;
        int input = SlotCase.Input(blob, "x", Channels, Height, Width, InputSlots());
        Slots slots = InPlace ? Slots : Slots with { Top = 0, Left = 0, Bottom = 0, Right = 0, Frame = Frame.None, RowGap = 1 };
        int added = Residual is null ? -1 : SlotCase.Input(blob, "added", Outputs, height, width, slots);
        int output = blob.Value("y", Outputs, height, width, Slots);
        if (InPlace)
        {
            blob.Values[output] = blob.Values[output] with { ArenaOffset = blob.Values[added].ArenaOffset };
        }

        int weight = TestWeight.Conv(
            blob, format.Format, input, Window, Groups, Weights, Bias, format.BlockRows, format.BlockColumns, Chunks);
        OperationRecord step = Window with { ActivationA = Parameters.A, ActivationB = Parameters.B };
        blob.Step("conv", OperationKind.Conv2d, input, output, step, weight, added, Activation);
        SlotCase.Output(blob, output);
        return blob;
    }

    /// <summary>The results, and for each the sum of its terms' magnitudes, which rounding errors are in proportion to.</summary>
    public (double[] Expected, double[] Magnitude) Reference()
    {
        (int height, int width) = Output;
        double[] expected = new double[Outputs * height * width];
        double[] magnitude = new double[expected.Length];
        for (int at = 0; at < expected.Length; at++)
        {
            int row = at / (height * width);
            double sum = Bias[row];
            magnitude[at] = Math.Abs(sum);
            for (int column = 0; column < Columns; column++)
            {
                double term = (double)Weights[(row * Columns) + column] * Pixel(row, column, at / width % height, at % width);
                sum += term;
                magnitude[at] += Math.Abs(term);
            }

            double added = Residual is null ? 0 : Residual[at];
            expected[at] = Activated(sum + added);
            magnitude[at] += Math.Abs(added);
        }

        return (expected, magnitude);
    }

    public override string ToString() =>
        $"{Channels}x{Height}x{Width} to {Outputs}, groups {Groups}, kernel {Window.KernelY}x{Window.KernelX}, stride {Window.StrideY}x{Window.StrideX}, "
        + $"dilation {Window.DilationY}x{Window.DilationX}, chunks {Chunks}, {Activation}, {(Residual is null ? "" : "added, ")}{Slots}";

    /// <summary>The input pixel that a column multiplies for output pixel (y, x), 0 outside the map.</summary>
    private double Pixel(int row, int column, int y, int x)
    {
        int positions = Window.KernelY * Window.KernelX;
        int channel = (row / (Outputs / Groups) * (Channels / Groups)) + (column / positions);
        int iy = (y * Window.StrideY) - Window.PadTop + (column % positions / Window.KernelX * Window.DilationY);
        int ix = (x * Window.StrideX) - Window.PadLeft + (column % Window.KernelX * Window.DilationX);
        return iy >= 0 && iy < Height && ix >= 0 && ix < Width ? X[(((channel * Height) + iy) * Width) + ix] : 0;
    }

    private double Activated(double x) => Activation switch
    {
        Activation.Relu => Math.Max(x, 0),
        Activation.Clip => Math.Min(Math.Max(x, Parameters.A), Parameters.B),
        Activation.LeakyRelu => x >= 0 ? x : Parameters.A * x,
        Activation.HardSwish => x * Math.Min(Math.Max((x / 6) + 0.5, 0), 1),
        Activation.Sigmoid => 1 / (1 + Math.Exp(-x)),
        _ => x,
    };

    /// <summary>The same grid, regions larger by the strides, a halo for all that windows reach.</summary>
    private Slots InputSlots()
    {
        if (Slots.GridY == 0)
        {
            return InputStrides with { Lanes = Slots.Lanes, GridY = 0, GridX = 0, Top = 0, Bottom = 0 };
        }

        (int height, int width) = Output;
        int regionY = (height + Slots.GridY - 1) / Slots.GridY;
        int regionX = (width + Slots.GridX - 1) / Slots.GridX;
        int bottom = Beyond(Height, Slots.GridY, regionY, Window.KernelY, Window.StrideY, Window.PadTop, Window.DilationY);
        int right = Beyond(Width, Slots.GridX, regionX, Window.KernelX, Window.StrideX, Window.PadLeft, Window.DilationX);
        return InputStrides with
        {
            Lanes = Slots.Lanes,
            GridY = Slots.GridY,
            GridX = Slots.GridX,
            RegionY = regionY * Window.StrideY,
            RegionX = regionX * Window.StrideX,
            Top = InputStrides.Top + Window.PadTop,
            Left = InputStrides.Left + Window.PadLeft,
            Bottom = InputStrides.Bottom + bottom,
            Right = InputStrides.Right + right,
            Frame = Frame.Zero,
        };
    }

    /// <summary>Slots after the region that windows reach, or that the last lane's pixels need.</summary>
    private static int Beyond(int length, int grid, int region, int kernel, int stride, int pad, int dilation)
    {
        int reach = ((region - 1) * stride) - pad + ((kernel - 1) * dilation) + 1 - (region * stride);
        return Math.Max(0, Math.Max(reach, length - (grid * region * stride)));
    }
}
