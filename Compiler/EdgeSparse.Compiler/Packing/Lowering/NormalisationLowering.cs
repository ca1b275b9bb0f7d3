using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Normalisations: rows of mean 0 and variance 1, then a scale and shift.</summary>
internal static class NormalisationLowering
{
    public static void Lower(Lowering to, Node node)
    {
        TensorShape x = to.ShapeOf(node);
        switch (node)
        {
            case BatchNorm norm:
                (float[] scale, float[] shift) = ChannelAffine.Of(norm, to.WeightOf);
                ScaleChannels(to, node, norm.Input, scale, shift, norm.Scale);
                break;
            case LayerNorm norm:
                string rows = Normalised(to, norm, norm.Input, AxisShape.Of(x, norm.Axis, x.Rank - norm.Axis).Outer, norm.Epsilon);
                ImmutableArray<int> dims = x.Dims[norm.Axis..];
                Scale(to, node, rows, dims, to.WeightOf(norm.Scale).Values.Span, norm.Shift is null ? default : to.WeightOf(norm.Shift).Values.Span);
                break;
            case InstanceNorm norm:
                string planes = Normalised(to, norm, norm.Input, x[0] * x[1], norm.Epsilon);
                ScaleChannels(to, node, planes, to.WeightOf(norm.Scale).Values.ToArray(), to.WeightOf(norm.Shift).Values.ToArray(), norm.Scale);
                break;
            case GroupNorm norm:
                string groups = Normalised(to, norm, norm.Input, x[0] * norm.Groups, norm.Epsilon);
                ScaleChannels(to, node, groups, to.WeightOf(norm.Scale).Values.ToArray(), to.WeightOf(norm.Shift).Values.ToArray(), norm.Scale);
                break;
        }
    }

    private static string Normalised(Lowering to, Node node, string input, int rows, float epsilon)
    {
        TensorShape shape = to.ShapeOf(node);
        PlanarStep step = new(
            to.Fresh(node.Name, "normalised"), [to.Get(input)], to.Fresh(node.Output, "normalised"), OperationKind.Normalise,
            StepParameters.Of(rows, shape.ElementCount / rows))
        {
            A = epsilon,
        };
        return to.Emit(step, shape, node.Name);
    }

    /// <summary>One scale and shift a channel: in any layout for one sample, sample by sample where they are apart already, else planar.</summary>
    private static void ScaleChannels(Lowering to, Node node, string input, float[] scale, float[] shift, string tensor)
    {
        TensorShape shape = to.ShapeOf(node);
        if (shape[0] == 1 || SampleUnrolling.IsUnrolled(to, input))
        {
            SampleUnrolling.Apply(to, node, [input], sample =>
            {
                string map = to.Get(MapLowering.MapOf(to, sample.Inputs[0], node.Name));
                TensorShape mapShape = to.ShapeOf(map);
                AffineStep step = new(sample.Name, map, sample.Output, tensor, [.. scale], [.. shift]);
                if (PlaneShape.Of(mapShape) == PlaneShape.Of(sample.Shape))
                {
                    to.Emit(step, sample.Shape, node.Name);
                }
                else
                {
                    string scaled = to.Emit(step with { Output = to.Fresh(node.Name, "scaled") }, mapShape, node.Name);
                    to.Move(scaled, Movement.Transposed([mapShape.ElementCount], 0), sample.Output, sample.Shape, node.Name);
                }
            });
        }
        else
        {
            Scale(to, node, input, [shape[1], .. shape.Dims.Skip(2).Select(_ => 1)], scale, shift);
        }
    }

    /// <param name="to">The lowered network.</param>
    /// <param name="node">The layer whose output this is.</param>
    /// <param name="input">What is scaled.</param>
    /// <param name="dims">Of scale and shift, aligned with the last of the input's.</param>
    /// <param name="scale">Factors.</param>
    /// <param name="shift">Terms, empty for none.</param>
    private static void Scale(Lowering to, Node node, string input, ImmutableArray<int> dims, ReadOnlySpan<float> scale, ReadOnlySpan<float> shift)
    {
        TensorShape shape = to.ShapeOf(node);
        bool adds = shift.ContainsAnyExcept(0f);
        bool scales = scale.ContainsAnyExcept(1f) || !adds;
        string value = input;
        if (scales)
        {
            value = Combine(to, node, value, dims, scale, ElementFunction.Mul, adds ? to.Fresh(node.Output, "scaled") : node.Output, shape);
        }

        if (adds)
        {
            Combine(to, node, value, dims, shift, ElementFunction.Add, node.Output, shape);
        }
    }

    private static string Combine(
        Lowering to, Node node, string value, ImmutableArray<int> dims, ReadOnlySpan<float> constant, ElementFunction function, string output,
        TensorShape shape)
    {
        string operand = to.EmitConstant(
            to.Fresh(node.Name, function == ElementFunction.Mul ? "scale" : "shift"), new TensorShape([.. dims]), constant, node.Name);
        PlanarStep step = new(
            output == node.Output ? node.Name : to.Fresh(node.Name, "scaled"), [to.Get(value), operand], output, OperationKind.Binary,
            StepParameters.Of(StepParameters.Broadcast(node.Name, shape.Dims, shape.Dims, dims)))
        {
            Function = (uint)function,
        };
        return to.Emit(step, shape, node.Name);
    }
}
