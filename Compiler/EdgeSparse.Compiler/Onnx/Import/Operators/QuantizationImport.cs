using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>
/// QuantizeLinear. Where only DequantizeLinear reads it, both are left out and the graph computes in fp32; else it is what its
/// definition says: a division, a rounding, a sum and a clip.
/// </summary>
internal sealed class QuantizeLinearImport : OperatorImport
{
    public override string Operator => "QuantizeLinear";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        // Both only matter for floats of 8 bits, which are not supported.
        node.Ignore("saturate");
        node.Ignore("precision");
        (int axis, int block) = (node.Integer("axis", 1, -16, 16), node.Integer("block_size", 0, 0, int.MaxValue));
        ElementType type = node.HasInput(2) ? QuantizationGrid.TypeOf(node, graph, 2) : OutputType(node);
        if (graph.Structure.IsOnlyReadBy(node.Output, "DequantizeLinear") && graph.ConstantOrNull(node, 0) is null)
        {
            graph.Quantized[node.Output] = node;
            graph.Alias(node, graph.Activation(node, 0));
            return;
        }

        (float low, float high) = type switch
        {
            ElementType.Int8 => ((float)sbyte.MinValue, (float)sbyte.MaxValue),
            ElementType.UInt8 => ((float)byte.MinValue, (float)byte.MaxValue),
            ElementType.Int16 => ((float)short.MinValue, (float)short.MaxValue),
            ElementType.UInt16 => ((float)ushort.MinValue, (float)ushort.MaxValue),
            _ => throw node.Fail($"quantises to {type}; integers of 8 and 16 bits are supported"),
        };
        string x = graph.Activation(node, 0);
        string scale = QuantizationGrid.Spread(node, graph, 1, graph.ShapeOf(x), axis, block);
        string divided = graph.Step(node, "scaled", (name, output) => new Binary(name, x, scale, output, BinaryFunction.Div));
        string rounded = graph.Step(node, "rounded", (name, output) => new Pointwise(name, divided, output, PointwiseFunction.Round));
        string shifted = rounded;
        if (node.HasInput(2))
        {
            string zero = QuantizationGrid.AsFloat(node, graph, QuantizationGrid.Spread(node, graph, 2, graph.ShapeOf(x), axis, block), "zero");
            shifted = graph.Step(node, "shifted", (name, output) => new Binary(name, rounded, zero, output, BinaryFunction.Add));
        }

        string clipped = graph.Step(node, "clipped", (name, output) => new Clip(name, shifted, output, low, high));
        graph.Emit(node, name => new Cast(name, clipped, node.Output, type));
    }

    private static ElementType OutputType(OnnxNode node)
    {
        long given = node.Integer("output_dtype", 0);
        return given == 0 ? ElementType.UInt8
            : ElementTypes.Of((int)Math.Clamp(given, 0, 1000)) ?? throw node.Fail($"has output_dtype = {given}, which is not supported");
    }
}

/// <summary>DequantizeLinear: a difference and a product; of constants both are computed at import.</summary>
internal sealed class DequantizeLinearImport : OperatorImport
{
    public override string Operator => "DequantizeLinear";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        node.Ignore("output_dtype");
        (int axis, int block) = (node.Integer("axis", 1, -16, 16), node.Integer("block_size", 0, 0, int.MaxValue));
        string x = graph.Activation(node, 0);
        if (graph.Quantized.TryGetValue(node.Input(0), out OnnxNode? quantize))
        {
            if (quantize.Input(1) != node.Input(1) || quantize.Input(2) != node.Input(2))
            {
                throw node.Fail($"has another scale or zero point than '{quantize.Name}', whose output it reads; that is not supported");
            }

            node.Ignore("saturate");
            graph.DroppedQuantizations++;
            graph.Alias(node, x);
            return;
        }

        string scale = QuantizationGrid.Spread(node, graph, 1, graph.ShapeOf(x), axis, block);
        string shifted = QuantizationGrid.AsFloat(node, graph, x, "float");
        if (node.HasInput(2))
        {
            string from = shifted;
            string zero = QuantizationGrid.AsFloat(node, graph, QuantizationGrid.Spread(node, graph, 2, graph.ShapeOf(x), axis, block), "zero");
            shifted = graph.Step(node, "shifted", (name, output) => new Binary(name, from, zero, output, BinaryFunction.Sub));
        }

        graph.Emit(node, name => new Binary(name, shifted, scale, node.Output, BinaryFunction.Mul));
    }
}

/// <summary>Scales and zero points: one number, one an index of an axis, or one a block along an axis.</summary>
internal static class QuantizationGrid
{
    public static ElementType TypeOf(OnnxNode node, GraphImport graph, int input) =>
        graph.ConstantOrNull(node, input)?.Type ?? graph.TypeOf(graph.Activation(node, input));

    /// <summary>The activation as fp32.</summary>
    public static string AsFloat(OnnxNode node, GraphImport graph, string x, string part) => ElementTypes.IsFloat(graph.TypeOf(x))
        ? x
        : graph.Step(node, part, (name, output) => new Cast(name, x, output, ElementType.Float32));

    /// <summary>A scale or zero point in a shape that broadcasts to that of the values.</summary>
    public static string Spread(OnnxNode node, GraphImport graph, int input, TensorShape values, int axis, int block)
    {
        string grid = graph.Activation(node, input);
        TensorShape shape = graph.ShapeOf(grid);
        if (shape.ElementCount == 1)
        {
            return shape.Rank == 0 ? grid : SpatialDimensions.Reshaped(node, graph, $"scalar{input}", grid, new TensorShape());
        }

        int place = axis < 0 ? axis + values.Rank : axis;
        if (place < 0 || place >= values.Rank)
        {
            throw node.Fail($"has the axis {axis} for an input of shape {values}");
        }

        if (block == 0)
        {
            return shape.Rank == 1 && shape[0] == values[place]
                ? SpatialDimensions.Reshaped(node, graph, $"channels{input}", grid, new TensorShape([.. values.Dims.Select((_, i) => i == place ? shape[0] : 1)]))
                : throw node.Fail($"has a scale or zero point {shape} for axis {place} of {values}");
        }

        ImmutableArray<int> dims = shape.Dims;
        if (shape.Rank != values.Rank || shape.IsBatchSymbolic || (long)dims[place] * block < values[place] || (dims[place] - 1L) * block >= values[place])
        {
            throw node.Fail($"has a scale or zero point {shape} for blocks of {block} along axis {place} of {values}");
        }

        // Each of them once for each element of its block.
        ImmutableArray<int> indices = [.. Enumerable.Range(0, values[place]).Select(i => i / block)];
        return graph.Step(node, $"blocks{input}", (name, output) => new Gather(name, grid, output, place, indices, new TensorShape(indices.Length)));
    }
}
