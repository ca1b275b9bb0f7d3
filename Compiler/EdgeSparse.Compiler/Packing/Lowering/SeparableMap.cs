using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Where each element of a value comes from, dimension by dimension: element (o₀, o₁, …) in row-major order is element
/// Σ place[d][o_d] of the source, or a constant where one of them is −1. The dimensions are any that have as many elements
/// together: reshaping changes nothing.
/// </summary>
internal sealed class SeparableMap
{
    /// <summary>A place that takes the constant.</summary>
    public const int Fill = -1;

    /// <param name="places">One table a dimension.</param>
    public SeparableMap(IEnumerable<int[]> places) => Places = Normalised([.. places]);

    /// <summary>No table has one entry, but where the map has one element.</summary>
    public ImmutableArray<int[]> Places { get; }

    public int Count => Places.Aggregate(1, (count, table) => count * table.Length);

    public bool HasFill => Places.Any(t => t.Contains(Fill));

    /// <summary>Every element is the source's of the same index.</summary>
    public bool IsIdentity
    {
        get
        {
            int stride = Count;
            foreach (int[] table in Places)
            {
                stride /= table.Length;
                for (int i = 0; i < table.Length; i++)
                {
                    if (table[i] != i * stride)
                    {
                        return false;
                    }
                }
            }

            return true;
        }
    }

    /// <summary>The map that changes nothing, in the dimensions given.</summary>
    public static SeparableMap Identity(IReadOnlyList<int> dims)
    {
        int[][] places = new int[dims.Count][];
        int stride = 1;
        for (int d = dims.Count - 1; d >= 0; d--)
        {
            places[d] = Steps(dims[d], stride);
            stride *= dims[d];
        }

        return new SeparableMap(places);
    }

    /// <summary>0, step, 2·step, ….</summary>
    public static int[] Steps(int length, int step) => [.. Enumerable.Range(0, length).Select(i => i * step)];

    /// <summary>The distance between all neighbours of a table, or null where they differ or a place is the constant.</summary>
    public static int? StepOf(int[] table)
    {
        int step = table.Length < 2 ? 0 : table[1] - table[0];
        for (int i = 0; i < table.Length; i++)
        {
            if (table[i] == Fill || table[i] != table[0] + (i * step))
            {
                return null;
            }
        }

        return step;
    }

    /// <summary>The same map with a border between dimensions before its last <paramref name="elements"/>; null where that is impossible.</summary>
    public SeparableMap? SplitBefore(int elements)
    {
        int inner = 1;
        for (int d = Places.Length - 1; d >= 0; d--)
        {
            int[] table = Places[d];
            if (elements == inner)
            {
                return this;
            }

            if (elements < inner * table.Length)
            {
                return elements % inner == 0 && Split(table, elements / inner) is { } halves
                    ? new SeparableMap([.. Places[..d], halves.Outer, halves.Inner, .. Places[(d + 1)..]])
                    : null;
            }

            inner *= table.Length;
        }

        return elements == inner ? this : null;
    }

    /// <summary>Index of the first of the last dimensions that have so many elements; a border is there.</summary>
    public int DimensionBefore(int elements)
    {
        int d = Places.Length;
        for (int inner = 1; inner < elements; d--)
        {
            inner *= Places[d - 1].Length;
        }

        return d;
    }

    /// <summary>The dimensions from first to before end as one.</summary>
    public int[] Table(int first, int end) => Table(Places.AsSpan()[first..end]);

    /// <summary>This map, then another movement of its elements; null where places do not stay separable.</summary>
    public SeparableMap? Then(Movement movement)
    {
        SeparableMap? map = this;
        int inner = 1;
        foreach (int length in movement.InputDims.Reverse())
        {
            map = map?.SplitBefore(inner);
            inner *= length;
        }

        return map?.Moved(movement);
    }

    /// <summary>All tables of some dimensions as one.</summary>
    internal static int[] Table(ReadOnlySpan<int[]> tables)
    {
        int[] all = [0];
        foreach (int[] table in tables)
        {
            int[] outer = all;
            all = new int[outer.Length * table.Length];
            for (int i = 0; i < all.Length; i++)
            {
                int a = outer[i / table.Length];
                int b = table[i % table.Length];
                all[i] = a == Fill || b == Fill ? Fill : a + b;
            }
        }

        return all;
    }

    private static (int[] Outer, int[] Inner)? Split(int[] table, int inner)
    {
        if (table.Length % inner != 0)
        {
            return null;
        }

        // Rows that are wholly constant are so by the outer table; others must be one row, moved.
        int[][] rows = [.. table.Chunk(inner)];
        int[]? model = rows.FirstOrDefault(r => !r.Contains(Fill));
        if (model is null || rows.Any(r => r.Contains(Fill) && r.Any(p => p != Fill)))
        {
            return null;
        }

        // From the lowest place on, so that no step is negative and looks like the constant's.
        int[] steps = [.. model.Select(p => p - model.Min())];
        bool fits = rows.All(r => r[0] == Fill || r.Zip(steps).All(pair => pair.First - r[0] == pair.Second - steps[0]));
        return fits ? ([.. rows.Select(r => r[0] == Fill ? Fill : r[0] - steps[0])], steps) : null;
    }

    private SeparableMap Moved(Movement movement)
    {
        ImmutableArray<int> dims = movement.InputDims;
        int[][][] groups = new int[dims.Length][][];
        int end = Places.Length;
        for (int i = dims.Length - 1; i >= 0; i--)
        {
            int first = end;
            for (int length = 1; length < dims[i]; first--)
            {
                length *= Places[first - 1].Length;
            }

            groups[i] = [.. Places[first..end]];
            end = first;
        }

        // What is left is the one element of a map of one, and dimensions that no axis reads are read at 0.
        List<int[]> result = [Table(Places.AsSpan()[..end])];
        for (int i = 0; i < dims.Length; i++)
        {
            if (movement.Axes.All(a => a.Input != i))
            {
                result.Add([Table(groups[i])[0]]);
            }
        }

        foreach (MovementAxis axis in movement.Axes)
        {
            if (axis.Input < 0)
            {
                result.Add(new int[axis.Length]);
            }
            else if (axis.Indices is null)
            {
                result.AddRange(groups[axis.Input]);
            }
            else
            {
                int[] table = Table(groups[axis.Input]);
                result.Add([.. axis.Indices.Select(i => i == Fill ? Fill : table[i])]);
            }
        }

        return new SeparableMap(result);
    }

    /// <summary>Dimensions of one element go into the first of the others.</summary>
    private static ImmutableArray<int[]> Normalised(int[][] places)
    {
        int[][] constant = [.. places.Where(t => t.Length == 1)];
        List<int[]> rest = [.. places.Where(t => t.Length != 1)];
        int at = Table(constant)[0];
        if (rest.Count == 0)
        {
            return [[at]];
        }

        if (at != 0)
        {
            rest[0] = [.. rest[0].Select(p => p == Fill || at == Fill ? Fill : p + at)];
        }

        return [.. rest];
    }
}
