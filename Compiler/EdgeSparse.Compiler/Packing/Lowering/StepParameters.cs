using System.Collections.Immutable;
using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Bytes of operations' parameters, as <see cref="OperationKind"/> says.</summary>
internal static class StepParameters
{
    /// <summary>Longer dimensions are not made: their places would take more memory than their elements are worth.</summary>
    private const int LongestDimension = 4096;

    public static byte[] Of(params ReadOnlySpan<int> numbers) => MemoryMarshal.AsBytes(numbers).ToArray();

    public static byte[] Of(LocalResponseNorm node) =>
        [.. Of(node.Size), .. MemoryMarshal.AsBytes<float>([node.Alpha, node.Beta, node.Bias])];

    /// <summary>Rank, then length and strides of each dimension, with those dimensions merged that all operands walk through alike.</summary>
    /// <param name="layer">For messages.</param>
    /// <param name="dims">The output's.</param>
    /// <param name="operands">Shapes that are broadcast to them.</param>
    /// <exception cref="PackingException">More dimensions than a blob counts.</exception>
    public static int[] Broadcast(string layer, ImmutableArray<int> dims, params ImmutableArray<int>[] operands)
    {
        List<int[]> merged = [];
        int[][] strides = [.. operands.Select(o => StridesOf(dims, o))];
        for (int d = 0; d < dims.Length; d++)
        {
            int[] dimension = [dims[d], .. strides.Select(s => s[d])];
            if (dims[d] == 1)
            {
                continue;
            }

            bool joins = merged.Count > 0 && merged[^1].Skip(1).Zip(dimension.Skip(1)).All(pair => pair.First == pair.Second * dims[d]);
            if (joins)
            {
                dimension[0] *= merged[^1][0];
                merged.RemoveAt(merged.Count - 1);
            }

            merged.Add(dimension);
        }

        if (merged.Count == 0)
        {
            merged.Add([1, .. operands.Select(_ => 1)]);
        }

        return merged.Count <= BlobConstants.MostDimensions
            ? [merged.Count, .. merged.SelectMany(m => m)]
            : throw new PackingException($"layer '{layer}' broadcasts over {merged.Count} dimensions; {BlobConstants.MostDimensions} are possible");
    }

    /// <summary>The parameters of the Rearrange that writes a part.</summary>
    /// <param name="layer">For messages.</param>
    /// <param name="part">The part.</param>
    /// <exception cref="PackingException">More dimensions than a blob counts.</exception>
    public static byte[] Of(string layer, MapPart part)
    {
        List<(int[] Table, int Stride)> dims = [];
        for (int d = 0; d < part.Map.Places.Length; d++)
        {
            (int[] table, int stride) = (part.Map.Places[d], part.Strides[d]);
            if (dims.Count > 0 && IsOneRun(dims[^1], (table, stride)))
            {
                table = SeparableMap.Table([dims[^1].Table, table]);
                dims.RemoveAt(dims.Count - 1);
            }

            dims.Add((table, stride));
        }

        for (int d = dims.Count - 1; d > 0 && dims.Count > BlobConstants.MostDimensions; d--)
        {
            if (dims[d - 1].Stride == dims[d].Stride * dims[d].Table.Length)
            {
                dims[d - 1] = (SeparableMap.Table([dims[d - 1].Table, dims[d].Table]), dims[d].Stride);
                dims.RemoveAt(d);
            }
        }

        return dims.Count <= BlobConstants.MostDimensions
            ? Of([dims.Count, part.Offset, .. dims.SelectMany(d => (int[])[d.Table.Length, d.Stride]), .. dims.SelectMany(d => d.Table)])
            : throw new PackingException($"layer '{layer}' moves over {dims.Count} dimensions; {BlobConstants.MostDimensions} are possible");
    }

    private static bool IsOneRun((int[] Table, int Stride) outer, (int[] Table, int Stride) inner) =>
        outer.Stride == inner.Stride * inner.Table.Length && (long)outer.Table.Length * inner.Table.Length <= LongestDimension
        && SeparableMap.StepOf(outer.Table) is { } step && SeparableMap.StepOf(inner.Table) is { } unit && step == unit * inner.Table.Length;

    private static int[] StridesOf(ImmutableArray<int> dims, ImmutableArray<int> operand)
    {
        int[] strides = new int[dims.Length];
        int stride = 1;
        for (int d = 1; d <= operand.Length; d++)
        {
            int length = operand[^d];
            strides[^d] = length == 1 ? 0 : stride;
            stride *= length;
        }

        return strides;
    }
}
