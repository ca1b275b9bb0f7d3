using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>A layer for one sample.</summary>
/// <param name="Name">The step's name.</param>
/// <param name="Inputs">Values of one sample.</param>
/// <param name="Output">The value to define.</param>
/// <param name="Shape">Its shape.</param>
internal readonly record struct SampleLayer(string Name, ImmutableArray<string> Inputs, string Output, TensorShape Shape);

/// <summary>
/// Slots hold one sample. A layer that works in slots and has a fixed batch of more becomes one layer a sample, all with the
/// same weight; their results are joined, and taken apart again by the next such layer for nothing.
/// </summary>
internal static class SampleUnrolling
{
    /// <param name="to">The lowered network.</param>
    /// <param name="node">The layer.</param>
    /// <param name="inputs">Values read, all with the batch in front.</param>
    /// <param name="lowerSample">Defines a sample's output.</param>
    public static void Apply(Lowering to, Node node, ImmutableArray<string> inputs, Action<SampleLayer> lowerSample)
    {
        TensorShape shape = to.ShapeOf(node);
        int samples = shape[0];
        if (samples == 1)
        {
            lowerSample(new SampleLayer(node.Name, inputs, node.Output, shape));
            return;
        }

        TensorShape sample = shape.WithBatch(1);
        var parts = ImmutableArray.CreateBuilder<MapPart>(samples);
        for (int i = 0; i < samples; i++)
        {
            string output = to.Fresh(node.Name, $"sample{i}");
            lowerSample(new SampleLayer(output, [.. inputs.Select(x => SampleOf(to, x, i, node.Name))], output, sample));
            SeparableMap whole = SeparableMap.Identity(sample.Dims);
            parts.Add(MapPart.Whole(to.Get(output), whole) with { Offset = i * sample.ElementCount });
        }

        to.Define(node.Output, shape, new Joined(parts.MoveToImmutable()), node.Name);
    }

    /// <summary>Whether a value is what <see cref="Apply"/> has made.</summary>
    public static bool IsUnrolled(Lowering to, string value) =>
        to.FormOf(value) is Joined joined && to.ShapeOf(value) is { Rank: > 2 } shape && joined.Parts.Length == shape[0]
        && joined.Parts.All(p => p.Map.IsIdentity && p.Map.Count == shape.ElementCount / shape[0]);

    private static string SampleOf(Lowering to, string value, int sample, string layer)
    {
        TensorShape shape = to.ShapeOf(value);
        string part = to.Fresh(layer, $"{value}{sample}");
        to.Move(value, Movement.Along(shape.Dims, 0, [sample]), part, shape.WithBatch(1), layer);
        return part;
    }
}
