using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Transpose.</summary>
internal sealed class TransposeImport : OperatorImport
{
    public override string Operator => "Transpose";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        int rank = graph.ShapeOf(x).Rank;
        ImmutableArray<int> permutation = node.Integers("perm") is { } given
            ? [.. given.Select(p => (int)Math.Clamp(p, -1, rank))]
            : [.. Enumerable.Range(0, rank).Reverse()];
        graph.Emit(node, name => new Transpose(name, x, node.Output, permutation));
    }
}

/// <summary>Expand to a constant shape.</summary>
internal sealed class ExpandImport : OperatorImport
{
    public override string Operator => "Expand";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        long[] target = graph.Constant(node, 1, "shape").Integers();
        TensorShape shape = graph.ShapeOf(x);
        bool isShape = target.Select((t, i) => t is >= 1 and <= int.MaxValue || (t == ConstantTensor.OpenBatch && i == 0)).All(fits => fits)
            && target.Aggregate(1.0, (product, t) => product * Math.Max(t, 1)) <= int.MaxValue;
        if (!isShape || Broadcasting.Of(shape, new TensorShape([.. target.Select(t => t == ConstantTensor.OpenBatch ? TensorShape.Symbolic : (int)t)])) is not { } to)
        {
            throw node.Fail($"expands {shape} to [{string.Join(", ", target.Take(8))}], which does not fit");
        }

        Emit(node, graph, x, to);
    }

    /// <summary>Writes an activation, repeated to a shape, to the node's output.</summary>
    public static void Emit(OnnxNode node, GraphImport graph, string x, TensorShape to)
    {
        if (graph.ShapeOf(x) == to)
        {
            graph.Alias(node, x);
        }
        else
        {
            graph.Emit(node, name => new Expand(name, x, node.Output, to));
        }
    }
}

/// <summary>Tile: each dimension gets one of length 1 before it, which is expanded.</summary>
internal sealed class TileImport : OperatorImport
{
    public override string Operator => "Tile";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        TensorShape shape = graph.ShapeOf(x);
        long[] repeats = graph.Constant(node, 1, "repeats").Integers();
        if (repeats.Length != shape.Rank || repeats.Any(r => r is < 1 or > int.MaxValue) || (shape.IsBatchSymbolic && repeats[0] != 1))
        {
            throw node.Fail($"has the repeats {string.Join(", ", repeats.Take(8))} for an input of shape {shape}; one positive number a dimension is supported");
        }

        List<long> single = [];
        List<long> repeated = [];
        List<long> joined = [];
        for (int i = 0; i < shape.Rank; i++)
        {
            if (repeats[i] > 1)
            {
                single.Add(1);
                repeated.Add(repeats[i]);
            }

            single.Add(shape[i]);
            repeated.Add(shape[i]);
            joined.Add(shape[i] == TensorShape.Symbolic ? shape[i] : shape[i] * repeats[i]);
        }

        if (repeats.All(r => r == 1))
        {
            graph.Alias(node, x);
            return;
        }

        string apart = graph.Step(node, "apart", (name, output) => new Reshape(name, x, output, Checked(node, single)));
        string tiles = graph.Step(node, null, (name, output) => new Expand(name, apart, output, Checked(node, repeated)));
        graph.Emit(node, "joined", name => new Reshape(name, tiles, node.Output, Checked(node, joined)));
    }

    private static TensorShape Checked(OnnxNode node, List<long> dims) =>
        dims.Aggregate(1.0, (product, d) => product * Math.Abs(d)) <= int.MaxValue
            ? new TensorShape([.. dims.Select(d => (int)d)])
            : throw node.Fail($"would write {string.Join('×', dims)}, which is too much");
}

/// <summary>DepthToSpace in both orders.</summary>
internal sealed class DepthToSpaceImport : OperatorImport
{
    public override string Operator => "DepthToSpace";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        int block = node.Integer("blocksize", 0, 1, 1 << 14);
        bool columnRowDepth = node.Text("mode", "DCR") switch
        {
            "DCR" => false,
            "CRD" => true,
            string other => throw node.Fail($"has mode = {other}; supported are DCR and CRD"),
        };
        graph.Emit(node, name => new DepthToSpace(name, x, node.Output, block, columnRowDepth));
    }
}

/// <summary>SpaceToDepth.</summary>
internal sealed class SpaceToDepthImport : OperatorImport
{
    public override string Operator => "SpaceToDepth";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        int block = node.Integer("blocksize", 0, 1, 1 << 14);
        graph.Emit(node, name => new SpaceToDepth(name, x, node.Output, block));
    }
}
