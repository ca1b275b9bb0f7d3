using EdgeSparse.Compiler.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Reconstruction;

/// <summary>
/// The same least squares as <see cref="RestrictedLeastSquares"/> without XᵀX, for layers where it, or its decompositions, would be
/// too much: conjugate gradients on the normal equations, preconditioned by their diagonal (Golub and Van Loan, Matrix Computations,
/// 4th edition, algorithm 11.5.1), for many outputs at once, each with its own mask. Starts at the dense weights under the mask.
/// </summary>
internal sealed class ConjugateGradients
{
    /// <summary>Bytes of the matrices of a block of outputs; the columns of all samples are kept too where they are no more than that.</summary>
    public const long MostBytes = 1L << 30;

    // Of groups × columns × outputs, 8 bytes each: weights, mask, residual, direction, their products, and what is between.
    private const int Matrices = 9;
    private const int MostSteps = 200;

    // Of rᵀD⁻¹r to that of the start: a thousandth of a percent of the gradient.
    private const double Accuracy = 1e-10;

    private readonly WeightedLayer layer;
    private readonly TensorShape shape;
    private readonly KernelGrid kernels;
    private readonly int columns;
    private readonly IReadOnlyList<(Tensor X, Tensor Y)> samples;
    private readonly bool keepsColumns;

    /// <param name="layer">Linear, Conv2d or ConvTranspose2d.</param>
    /// <param name="weight">Shape of its weight.</param>
    /// <param name="samples">Its inputs in the pruned network and its outputs in the dense one.</param>
    /// <param name="mostBytes">See <see cref="MostBytes"/>.</param>
    public ConjugateGradients(WeightedLayer layer, TensorShape weight, IReadOnlyList<(Tensor X, Tensor Y)> samples, long mostBytes = MostBytes)
    {
        (this.layer, shape, this.samples) = (layer, weight, samples);
        kernels = layer.KernelsOf(weight);
        columns = LayerPlaces.ColumnsOf(layer, weight);
        Places = samples.Sum(s => s.Y.numel() / kernels.Outputs);
        long perOutput = (long)Matrices * sizeof(double) * kernels.Groups * columns;
        BlockOutputs = (int)Math.Clamp(mostBytes / perOutput, 1, kernels.Outputs / kernels.Groups);
        keepsColumns = Places * columns * kernels.Groups * sizeof(double) <= mostBytes;
        Bytes = (BlockOutputs * perOutput) + (keepsColumns ? Places * columns * kernels.Groups * sizeof(double) : 0);
    }

    /// <summary>Places of the output in all samples.</summary>
    public long Places { get; }

    /// <summary>Outputs of each group that are solved at a time.</summary>
    public int BlockOutputs { get; }

    /// <summary>Memory that solving takes beside the samples, in bytes.</summary>
    public long Bytes { get; }

    /// <summary>Multiplications of one step for all outputs.</summary>
    public double Work => 2.0 * Places * columns * kernels.Outputs;

    /// <param name="dense">The weight of the dense network, which the solution is drawn to.</param>
    /// <param name="bias">Its bias there, or null.</param>
    /// <param name="pruned">The weight with the mask.</param>
    /// <param name="ridge">λ over the mean diagonal of XᵀX, as in <see cref="LayerSolution.Of"/>.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <returns>The solution, and whether every output came as near as is asked.</returns>
    public (LayerSolution Solution, bool IsExact) Solve(Weight dense, Weight? bias, Weight pruned, double ridge, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        List<(Tensor Columns, Tensor Outputs)> kept = [];
        Tensor diagonal = zeros([kernels.Groups, columns], ScalarType.Float64);
        double squares = 0;
        Visit([], (x, y) =>
        {
            diagonal.add_((x * x).sum(1).cpu());
            squares += (y * y).sum().item<double>();
            if (keepsColumns)
            {
                kept.Add((x.alias().MoveToOuterDisposeScope(), y.alias().MoveToOuterDisposeScope()));
            }
        });
        Tensor mean = diagonal.mean([1], keepdim: true);
        Tensor lambda = where(mean.gt(0), mean, ones_like(mean)).unsqueeze(2) * ridge;
        Tensor preconditioner = diagonal.unsqueeze(2) + lambda;
        LayerBlock block = new(kernels, columns, dense, bias, pruned);
        (double before, double after, bool isExact) = (0, 0, true);
        for (int start = 0; start < kernels.Outputs / kernels.Groups; start += BlockOutputs)
        {
            using DisposeScope inner = NewDisposeScope();
            int count = Math.Min(BlockOutputs, (kernels.Outputs / kernels.Groups) - start);
            (Tensor w, Tensor mask) = block.Read(start, count);
            (Tensor residual, double first) = Residual(kept, w, start, count);
            before += first;
            isExact &= Descend(kept, w, residual.mul_(mask), mask, lambda, preconditioner, cancellation);
            after += Residual(kept, w, start, count).Squares;
            block.Write(w, start, count);
        }

        double scale = squares > 0 ? 1 / squares : 0;
        return (new LayerSolution(block.Weight(), block.Bias(), before * scale, after * scale, ridge), isExact);
    }

    /// <summary>Conjugate gradients from w, whose residual Xᵀ(y − Xw) + λ(p − w) is given; w is changed.</summary>
    private bool Descend(
        List<(Tensor Columns, Tensor Outputs)> kept, Tensor w, Tensor residual, Tensor mask, Tensor lambda, Tensor preconditioner,
        CancellationToken cancellation)
    {
        Tensor direction = residual / preconditioner;
        Tensor size = (residual * direction).sum(1, keepdim: true);
        Tensor goal = size * Accuracy;
        for (int step = 0; step < MostSteps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            if (size.le(goal).all().item<bool>())
            {
                return true;
            }

            Tensor product = zeros_like(w);
            Visit(kept, (x, _) => product.add_(x.transpose(1, 2).matmul(x.matmul(direction))));
            product.mul_(mask).add_(direction * lambda);

            // An output that is done has no direction left: 0/0.
            Tensor length = (size / (direction * product).sum(1, keepdim: true)).nan_to_num(0, 0, 0);
            w.add_(direction * length);
            residual.sub_(product * length);
            Tensor turned = residual / preconditioner;
            Tensor next = (residual * turned).sum(1, keepdim: true);
            direction.mul_((next / size).nan_to_num(0, 0, 0)).add_(turned);
            size.copy_(next);
        }

        return size.le(goal).all().item<bool>();
    }

    /// <summary>Xᵀ(y − Xw) and ‖y − Xw‖² of a block of outputs.</summary>
    private (Tensor Gradient, double Squares) Residual(List<(Tensor Columns, Tensor Outputs)> kept, Tensor w, int start, int count)
    {
        Tensor gradient = zeros_like(w);
        double squares = 0;
        Visit(kept, (x, y) =>
        {
            Tensor rest = y.narrow(2, start, count) - x.matmul(w);
            gradient.add_(x.transpose(1, 2).matmul(rest));
            squares += (rest * rest).sum().item<double>();
        });
        return (gradient, squares);
    }

    private void Visit(List<(Tensor Columns, Tensor Outputs)> kept, Action<Tensor, Tensor> visit)
    {
        foreach ((Tensor x, Tensor y) in kept)
        {
            using DisposeScope scope = NewDisposeScope();
            visit(x, y);
        }

        if (kept.Count == 0)
        {
            foreach ((Tensor x, Tensor y) in samples)
            {
                LayerPlaces.Visit(layer, shape, x, y, visit);
            }
        }
    }
}
