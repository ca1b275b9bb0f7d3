using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Reconstruction;

/// <summary>
/// Sums over all places of a layer's output that least squares needs, in double precision: XᵀX, Xᵀy and yᵀy, where a row of X is what
/// the pruned network gives the layer and y what the dense layer makes of the dense network's. They do not grow with the samples.
/// </summary>
internal sealed class LayerMoments
{
    private readonly WeightedLayer layer;
    private readonly TensorShape weight;
    private readonly double[] gram;
    private readonly double[] right;
    private readonly double[] squares;

    /// <param name="layer">Linear, Conv2d or ConvTranspose2d.</param>
    /// <param name="weight">Shape of its weight.</param>
    public LayerMoments(WeightedLayer layer, TensorShape weight)
    {
        (this.layer, this.weight) = (layer, weight);
        Kernels = layer.KernelsOf(weight);
        Size = LayerPlaces.ColumnsOf(layer, weight);
        gram = new double[(long)Kernels.Groups * Size * Size];
        right = new double[(long)Kernels.Outputs * Size];
        squares = new double[Kernels.Outputs];
    }

    public KernelGrid Kernels { get; }

    /// <summary>Columns of a group, <see cref="LayerPlaces.ColumnsOf"/>.</summary>
    public int Size { get; }

    /// <summary>Places of the output summed over.</summary>
    public long Places { get; private set; }

    /// <summary>XᵀX of a group, row-major.</summary>
    public ReadOnlySpan<double> GramOf(int group) => gram.AsSpan(group * Size * Size, Size * Size);

    /// <summary>Xᵀy of an output channel.</summary>
    public ReadOnlySpan<double> RightOf(int output) => right.AsSpan(output * Size, Size);

    /// <summary>yᵀy of an output channel.</summary>
    public double SquaresOf(int output) => squares[output];

    /// <param name="x">The layer's input in the pruned network, for some samples.</param>
    /// <param name="y">Its output in the dense network, for the same.</param>
    public void Add(Tensor x, Tensor y) => LayerPlaces.Visit(layer, weight, x, y, (columns, outputs) =>
    {
        Tensor transposed = columns.transpose(1, 2);
        AddTo(gram, transposed.matmul(columns));
        AddTo(right, transposed.matmul(outputs).transpose(1, 2));
        AddTo(squares, (outputs * outputs).sum(1));
        Places += columns.shape[1];
    });

    private static void AddTo(double[] sums, Tensor part)
    {
        ReadOnlySpan<double> values = MemoryMarshal.Cast<byte, double>(part.cpu().contiguous().bytes);
        System.Numerics.Tensors.TensorPrimitives.Add(sums, values, sums);
    }
}
