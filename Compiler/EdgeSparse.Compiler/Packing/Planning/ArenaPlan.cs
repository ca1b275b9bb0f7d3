using System.Collections.Immutable;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Places all values in one block of memory so that values that live at the same time do not overlap: largest first, each
/// into the smallest gap that fits, else after the last. Inputs, outputs and constants live through the whole run, so that a run
/// can be repeated without setting them again.
/// </summary>
/// <param name="Offsets">Byte offset of each value of the plan, a multiple of 64.</param>
/// <param name="Bytes">Size of the block, a multiple of 64.</param>
internal sealed record ArenaPlan(ImmutableArray<long> Offsets, long Bytes)
{
    private readonly record struct Block(int Value, long Bytes, int First, int Last)
    {
        public bool Meets(Block other) => First <= other.Last && other.First <= Last;
    }

    public static ArenaPlan Of(Plan plan)
    {
        long[] offsets = new long[plan.Values.Length];
        List<Block> placed = [];
        long end = 0;
        foreach (Block block in Blocks(plan).OrderByDescending(b => b.Bytes).ThenBy(b => b.First).ThenBy(b => b.Value))
        {
            offsets[block.Value] = BestGap(block, placed, offsets);
            end = Math.Max(end, offsets[block.Value] + block.Bytes);
            placed.Add(block);
        }

        return new ArenaPlan([.. plan.Values.Select(v => offsets[v.Storage])], end);
    }

    private static IEnumerable<Block> Blocks(Plan plan)
    {
        int count = plan.Values.Length;
        int end = plan.Operations.Length;
        int[] first = new int[count];
        int[] last = new int[count];
        long[] bytes = new long[count];
        Array.Fill(first, int.MaxValue);
        Array.Fill(last, -1);

        void Live(int value, int step)
        {
            int storage = plan.Values[value].Storage;
            first[storage] = Math.Min(first[storage], step);
            last[storage] = Math.Max(last[storage], step);
        }

        foreach (PlanBinding binding in plan.Bindings)
        {
            Live(binding.Value, end);
            if (binding.Kind == BindingKind.Input)
            {
                Live(binding.Value, -1);
            }
        }

        for (int step = 0; step < end; step++)
        {
            Live(plan.Operations[step].Output, step);
            if (plan.Operations[step].Kind == OperationKind.Constant)
            {
                // Written before the first run, for all runs.
                Live(plan.Operations[step].Output, -1);
                Live(plan.Operations[step].Output, end);
            }

            foreach (int input in plan.Operations[step].Inputs)
            {
                Live(input, step);
            }
        }

        foreach (PlanValue value in plan.Values)
        {
            long size = (((long)value.Layout.Elements * sizeof(float)) + BlobConstants.Alignment - 1) / BlobConstants.Alignment * BlobConstants.Alignment;
            bytes[value.Storage] = Math.Max(bytes[value.Storage], size);
        }

        return Enumerable.Range(0, count)
            .Where(v => plan.Values[v].Storage == v)
            .Select(v => new Block(v, bytes[v], first[v], last[v]));
    }

    /// <summary>Start of the smallest gap between blocks that are alive with this one, or the end of the furthest.</summary>
    private static long BestGap(Block block, List<Block> placed, long[] offsets)
    {
        long best = -1;
        long bestSize = long.MaxValue;
        long end = 0;
        foreach (Block other in placed.Where(block.Meets).OrderBy(b => offsets[b.Value]))
        {
            long gap = offsets[other.Value] - end;
            if (gap >= block.Bytes && gap < bestSize)
            {
                best = end;
                bestSize = gap;
            }

            end = Math.Max(end, offsets[other.Value] + other.Bytes);
        }

        return best >= 0 ? best : end;
    }
}
