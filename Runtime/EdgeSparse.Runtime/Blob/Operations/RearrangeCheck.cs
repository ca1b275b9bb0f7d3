namespace EdgeSparse.Runtime.Blob;

/// <summary>Rearrange: output places inside the output, input places inside the input.</summary>
internal static unsafe class RearrangeCheck
{
    public static void Check(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        const int words = 2;
        ParameterBlock block = ParameterBlock.Of(blob, i, 2);
        int rank = block.Rank(blob, i, 0);
        if (block.Count < 2 + (words * rank))
        {
            block.RequireCount(blob, i, 2 + (words * rank));
        }

        LayoutCheck.RequirePlanar(blob, i, "input", in x);
        LayoutCheck.RequirePlanar(blob, i, "output", in y);
        int offset = block[1];
        if (offset < 0)
        {
            throw OperationCheck.Wrong(blob, i, "its offset is " + offset);
        }

        if (BroadcastCheck.Elements(blob, i, block, 2, rank, words) > OperationCheck.PixelCount(in y))
        {
            throw OperationCheck.Wrong(blob, i, "it writes more elements than its output has");
        }

        BroadcastCheck.RequireReach(blob, i, block, 2, rank, words, 1, in y, offset + (Int128)1);
        CheckPlaces(blob, i, block, rank, in x);
    }

    private static void CheckPlaces(BlobView blob, int i, ParameterBlock block, int rank, in ValueRecord x)
    {
        Int128 count = 2 + (2 * rank);
        for (int d = 0; d < rank; d++)
        {
            count += block[2 + (2 * d)];
        }

        block.RequireCount(blob, i, count);
        Int128 furthest = 0;
        long at = 2 + (2 * rank);
        for (int d = 0; d < rank; d++)
        {
            int most = 0;
            for (long end = at + block[2 + (2 * d)]; at < end; at++)
            {
                if (block[at] < -1)
                {
                    throw OperationCheck.Wrong(blob, i, "its place " + block[at] + " in dimension " + d + " is below -1");
                }

                most = Math.Max(most, block[at]);
            }

            furthest += most;
        }

        if (furthest >= OperationCheck.PixelCount(in x))
        {
            throw OperationCheck.Wrong(blob, i, "its places reach element " + furthest + " of " + OperationCheck.PixelCount(in x));
        }
    }
}
