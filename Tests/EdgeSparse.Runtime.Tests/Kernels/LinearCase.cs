using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>A fully connected layer of random size, sparsity and activation, some with a value to add, and its result.</summary>
internal sealed class LinearCase
{
    private readonly int rows;
    private readonly int columns;
    private readonly double sparsity;
    private readonly OperationRecord step;

    private LinearCase(Random random, bool isLarge, bool isSmall, double sparsity, int leastColumns)
    {
        // Large ones have weights enough to be worth sharing among workers.
        rows = isLarge ? random.Next(150, 250) : random.Next(1, 70);
        columns = Math.Max(leastColumns, isLarge ? random.Next(150, 250) : random.Next(1, isSmall ? 20 : 200));
        this.sparsity = sparsity;
        step = SparseCase.Pick(
            random,
            default,
            new OperationRecord { Activation = Activation.Relu },
            new OperationRecord { Activation = Activation.Clip, ActivationA = -0.5f, ActivationB = 0.25f },
            new OperationRecord { Activation = Activation.LeakyRelu, ActivationA = 0.125f },
            new OperationRecord { Activation = Activation.HardSwish },
            new OperationRecord { Activation = Activation.Sigmoid });
        Expected = new double[rows];
        Magnitude = new double[rows];
    }

    public BlobBuilder Blob { get; } = new();

    public float[][] Inputs { get; private set; } = [];

    public double[] Expected { get; }

    /// <summary>Sums of the terms' absolute values, which rounding errors are in proportion to.</summary>
    public double[] Magnitude { get; }

    /// <param name="seed">Decides everything else.</param>
    /// <param name="format">The weight's format.</param>
    /// <param name="rowsOfBlock">Lanes of SlicedEll, rows of blocks or bands, N.</param>
    /// <param name="columnsOfBlock">The window of SlicedEll, columns of blocks, M.</param>
    /// <param name="entries">Entries of a unit of SlicedEll.</param>
    public static LinearCase Random(int seed, WeightFormat format, int rowsOfBlock, int columnsOfBlock, int entries = 1)
    {
        var random = new Random(seed);
        bool isEll = format == WeightFormat.SlicedEll;
        var layer = new LinearCase(
            random, seed % 6 == 5, seed % 2 == 0, SparseCase.Sparsities[seed % 5], isEll ? 1 : Math.Max(1, columnsOfBlock));
        layer.Build(random, format, rowsOfBlock, columnsOfBlock, entries);
        return layer;
    }

    public override string ToString() => $"{rows}x{columns}, sparsity {sparsity}, {step.Activation}, {Inputs.Length} inputs";

    private void Build(Random random, WeightFormat format, int rowsOfBlock, int columnsOfBlock, int entries)
    {
        float[] weights = SparseCase.Sparse(random, rows * columns, sparsity);
        float[] bias = SparseCase.Values(random, rows);
        float[] x = SparseCase.Sparse(random, columns, SparseCase.Pick(random, 0, 0.5, 0.97, 1));
        x.AsSpan(0, random.Next(3) == 0 ? random.Next(columns + 1) : 0).Clear();
        x.AsSpan(random.Next(3) == 0 ? random.Next(columns + 1) : columns).Clear();
        float[]? added = random.Next(4) == 0 ? SparseCase.Values(random, rows) : null;
        Inputs = added is null ? [x] : [x, added];

        int input = Blob.Vector("x", columns);
        int second = added is null ? -1 : Blob.Vector("added", rows);
        int output = Blob.Vector("y", rows);
        int weight = format == WeightFormat.SlicedEll
            ? SparseCase.AddSlicedEll(Blob, rows, columns, weights, bias, rowsOfBlock, columnsOfBlock, entries, random)
            : TestWeight.Linear(Blob, format, rows, columns, weights, bias, rowsOfBlock, columnsOfBlock);
        Blob.Input("x", input, 1, columns);
        if (added is not null)
        {
            Blob.Input("added", second, 1, rows);
        }

        Blob.Output("y", output, 1, rows);
        Blob.Step("fc", OperationKind.Linear, input, output, step, weight, second);
        for (int row = 0; row < rows; row++)
        {
            double sum = bias[row] + (added is null ? 0.0 : added[row]);
            Magnitude[row] = 1 + Math.Abs(sum);
            for (int column = 0; column < columns; column++)
            {
                double term = (double)weights[(row * columns) + column] * x[column];
                sum += term;
                Magnitude[row] += Math.Abs(term);
            }

            Expected[row] = Activated(sum);
        }
    }

    private double Activated(double x) => step.Activation switch
    {
        Activation.Relu => Math.Max(x, 0),
        Activation.Clip => Math.Clamp(x, step.ActivationA, step.ActivationB),
        Activation.LeakyRelu => x >= 0 ? x : step.ActivationA * x,
        Activation.HardSwish => x * Math.Clamp((x / 6) + 0.5, 0, 1),
        Activation.Sigmoid => 1 / (1 + Math.Exp(-x)),
        _ => x,
    };
}
