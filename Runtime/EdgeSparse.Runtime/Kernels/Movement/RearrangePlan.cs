namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// How elements are rearranged: rows of the last dimension, which are copies, fills, strided or gathered, at the places of the
/// outer dimensions. Neighbouring dimensions that go on in step are one; where the row strides through the input and an outer
/// dimension goes through it element by element, the two are transposed by tiles.
/// </summary>
internal static unsafe class RearrangePlan
{
    /// <summary>Elements a run has at least on average; below, elements are gathered one by one.</summary>
    private const int ShortestRun = 4;

    /// <summary>Elements of a row for which it pays to find its start.</summary>
    private const int ShortestRow = 8;

    public static void Plan(Step* step, NativeArena memory)
    {
        int rank = step->Parameters[0];
        int* dimensions = step->Parameters + 2;
        int* places = dimensions + (2 * rank);
        var table = (RearrangeTable*)memory.Allocate(sizeof(RearrangeTable));
        table->Out = step->Parameters[1];
        var found = new List<RearrangeDimension>();
        for (int d = 0; d < rank; d++)
        {
            int length = dimensions[2 * d];
            Add(found, table, new RearrangeDimension { Length = length, OutStride = dimensions[(2 * d) + 1], Places = places });
            places += length;
        }

        RearrangeDimension row = new() { Length = 1, OutStride = 1, InStep = 1 };
        if (found.Count > 0)
        {
            row = found[^1];
            found.RemoveAt(found.Count - 1);
        }

        // Few elements at each of many places, as corners of boxes are: along the places, once for each element.
        int longest = row.Places == null && row.Length < ShortestRow ? Longest(found) : -1;
        if (longest >= 0 && found[longest].Length > row.Length)
        {
            (row, found[longest]) = (found[longest], row);
        }

        table->Row = row;
        if (row.Places != null && row.OutStride == 1)
        {
            FindRuns(table, memory);
        }

        if (row.Places == null && row.OutStride == 1 && row.InStep is not (0 or 1))
        {
            int column = found.FindIndex(d => d.Places == null && d.InStep == 1);
            if (column >= 0)
            {
                table->Column = found[column];
                found.RemoveAt(column);
            }
        }

        table->Places = 1;
        table->OuterCount = found.Count;
        table->Outer = (RearrangeDimension*)memory.Allocate((long)found.Count * sizeof(RearrangeDimension));
        for (int d = 0; d < found.Count; d++)
        {
            table->Outer[d] = found[d];
            table->Places *= found[d].Length;
        }

        step->Table = table;
    }

    /// <summary>The longest dimension whose places are in step, or −1.</summary>
    private static int Longest(List<RearrangeDimension> found)
    {
        int longest = -1;
        for (int d = 0; d < found.Count; d++)
        {
            if (found[d].Places == null && (longest < 0 || found[d].Length > found[longest].Length))
            {
                longest = d;
            }
        }

        return longest;
    }

    /// <summary>Adds a dimension behind those found, or makes it a part of the last one, or of the table's start.</summary>
    private static void Add(List<RearrangeDimension> found, RearrangeTable* table, RearrangeDimension added)
    {
        int first = added.Places[0];
        if (added.Length == 1)
        {
            table->IsFilled |= first < 0 ? 1 : 0;
            table->In += Math.Max(first, 0);
            return;
        }

        nint inStep = (nint)added.Places[1] - first;
        for (int i = 0; i < added.Length; i++)
        {
            if (added.Places[i] < 0 || added.Places[i] != first + (i * inStep))
            {
                found.Add(added);
                return;
            }
        }

        table->In += first;
        added.InStep = inStep;
        added.Places = null;
        if (found.Count > 0 && found[^1] is { Places: null } outer
            && outer.OutStride == added.OutStride * added.Length && outer.InStep == added.InStep * added.Length)
        {
            found.RemoveAt(found.Count - 1);
            added.Length *= outer.Length;
        }

        found.Add(added);
    }

    /// <summary>The runs of a row of places: consecutive ones, or none at all.</summary>
    private static void FindRuns(RearrangeTable* table, NativeArena memory)
    {
        RearrangeDimension row = table->Row;
        var runs = new List<RearrangeRun>();
        for (int i = 0; i < row.Length;)
        {
            int start = i++;
            bool isFill = row.Places[start] < 0;
            while (i < row.Length && row.Places[i] == (isFill ? -1 : row.Places[start] + (i - start)))
            {
                i++;
            }

            runs.Add(new RearrangeRun { At = start, Place = row.Places[start], Length = i - start });
            if ((long)runs.Count * ShortestRun > row.Length + (4 * ShortestRun))
            {
                return;
            }
        }

        table->RunCount = runs.Count;
        table->Runs = (RearrangeRun*)memory.Allocate((long)runs.Count * sizeof(RearrangeRun));
        for (int i = 0; i < runs.Count; i++)
        {
            table->Runs[i] = runs[i];
        }
    }
}
