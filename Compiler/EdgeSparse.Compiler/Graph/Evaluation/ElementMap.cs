namespace EdgeSparse.Compiler.Graphs;

/// <summary>
/// Where each element of an output comes from, for nodes that only move elements: the index in the input, or −1 for padding.
/// Nothing is computed, so integers of any size stay exact.
/// </summary>
internal static class ElementMap
{
    /// <summary>The map of a node, or null when it is not one of those (or keeps all elements in their order).</summary>
    /// <param name="node">Any node but <see cref="Concat"/>.</param>
    /// <param name="x">The shape of its input, fixed.</param>
    public static int[]? Of(Node node, TensorShape x) => node switch
    {
        Transpose transpose => FromTables(transpose.Permutation.Select(d => Steps(x[d], Strides(x)[d]))),
        Slice slice => FromTables(slice.Ranges.Select((r, d) => Ranged(r, x[d], Strides(x)[d]))),
        Expand expand => FromTables(expand.Shape.Dims.Select((length, d) => Repeated(length, d - (expand.Shape.Rank - x.Rank), x))),
        Pad pad => FromTables(x.Dims.Select((length, d) => Padded(pad, d, length, Strides(x)[d]))),
        Gather gather => OfGather(gather, x),
        DepthToSpace depth => OfDepthToSpace(depth, x),
        SpaceToDepth space => OfSpaceToDepth(space, x),
        _ => null,
    };

    public static T[] Apply<T>(int[] map, T[] source, T padding)
    {
        T[] values = new T[map.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = map[i] < 0 ? padding : source[map[i]];
        }

        return values;
    }

    /// <summary>Operands one after the other along an axis.</summary>
    public static T[] Join<T>(IReadOnlyList<TensorShape> shapes, int axis, IReadOnlyList<T[]> operands)
    {
        T[] values = new T[operands.Sum(o => o.Length)];
        int outer = Product(shapes[0], 0, axis);
        int at = 0;
        for (int o = 0; o < outer; o++)
        {
            foreach (T[] operand in operands)
            {
                int run = operand.Length / outer;
                operand.AsSpan(o * run, run).CopyTo(values.AsSpan(at));
                at += run;
            }
        }

        return values;
    }

    /// <summary>Elements from one index of each dimension to the next.</summary>
    public static int[] Strides(TensorShape shape)
    {
        int[] strides = new int[shape.Rank];
        int stride = 1;
        for (int i = shape.Rank - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }

        return strides;
    }

    /// <summary>The product of the dimensions from one place to before another.</summary>
    public static int Product(TensorShape shape, int from, int to)
    {
        int product = 1;
        for (int i = from; i < to; i++)
        {
            product *= shape[i];
        }

        return product;
    }

    /// <summary>The sum of one entry of each table, for all choices, the last table fastest; −1 where an entry is.</summary>
    private static int[] FromTables(IEnumerable<int[]> tables)
    {
        int[] map = [0];
        foreach (int[] table in tables)
        {
            int[] longer = new int[map.Length * table.Length];
            int at = 0;
            foreach (int start in map)
            {
                foreach (int step in table)
                {
                    longer[at++] = start < 0 || step < 0 ? -1 : start + step;
                }
            }

            map = longer;
        }

        return map;
    }

    private static int[] Steps(int length, int stride)
    {
        int[] table = new int[length];
        for (int i = 0; i < length; i++)
        {
            table[i] = i * stride;
        }

        return table;
    }

    private static int[] Ranged(SliceRange range, int whole, int stride)
    {
        // An open batch is taken whole, whatever it is this time.
        int[] table = new int[range.Length == TensorShape.Symbolic ? whole : range.Length];
        for (int i = 0; i < table.Length; i++)
        {
            table[i] = (range.Start + (i * range.Step)) * stride;
        }

        return table;
    }

    private static int[] Repeated(int length, int dimension, TensorShape x)
    {
        int own = dimension < 0 ? 1 : x[dimension];
        return own == 1 ? new int[length == TensorShape.Symbolic ? 1 : length] : Steps(own, Strides(x)[dimension]);
    }

    private static int[] Padded(Pad node, int dimension, int length, int stride)
    {
        int before = node.Before[dimension];
        int[] table = new int[before + length + node.After[dimension]];
        for (int i = 0; i < table.Length; i++)
        {
            int at = i - before;
            bool isInside = at >= 0 && at < length;
            int source = isInside ? at : node.Mode switch
            {
                PadMode.Constant => -1,
                PadMode.Edge => Math.Clamp(at, 0, length - 1),
                PadMode.Wrap => ((at % length) + length) % length,
                _ => at < 0 ? -at : (2 * (length - 1)) - at,
            };
            table[i] = source < 0 ? -1 : source * stride;
        }

        return table;
    }

    private static int[] OfGather(Gather node, TensorShape x)
    {
        int inner = Product(x, node.Axis + 1, x.Rank);
        int outer = Product(x, 0, node.Axis);
        return FromTables([Steps(outer, x[node.Axis] * inner), [.. node.Indices.Select(i => i * inner)], Steps(inner, 1)]);
    }

    private static int[] OfDepthToSpace(DepthToSpace node, TensorShape x)
    {
        int b = node.Block;
        int channels = x[1] / b / b;
        int plane = x[2] * x[3];
        int channel = node.ColumnRowDepth ? b * b : 1;
        int blockColumn = node.ColumnRowDepth ? 1 : channels;
        return FromTables([
            Steps(x[0], x[1] * plane), Steps(channels, channel * plane), Steps(x[2], x[3]), Steps(b, b * blockColumn * plane),
            Steps(x[3], 1), Steps(b, blockColumn * plane)]);
    }

    private static int[] OfSpaceToDepth(SpaceToDepth node, TensorShape x)
    {
        int b = node.Block;
        return FromTables([
            Steps(x[0], x[1] * x[2] * x[3]), Steps(b, x[3]), Steps(b, 1), Steps(x[1], x[2] * x[3]),
            Steps(x[2] / b, b * x[3]), Steps(x[3] / b, b)]);
    }
}
