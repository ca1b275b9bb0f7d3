namespace EdgeSparse.Runtime.Blob;

/// <summary>Channels: maps of the same regions, pairs of channels that exist, none written twice.</summary>
internal static unsafe class ChannelsCheck
{
    public static void Check(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        ParameterBlock block = ParameterBlock.Of(blob, i, 2);
        if (block.Count % 2 != 0)
        {
            throw OperationCheck.Wrong(blob, i, "its parameters are no pairs of channels");
        }

        if (x.Height != y.Height || x.Width != y.Width || !LayoutCheck.SameGrid(in x, in y)
            || x.RegionY != y.RegionY || x.RegionX != y.RegionX)
        {
            throw OperationCheck.Wrong(blob, i, "its input of " + x.Height + "x" + x.Width + " has " + LayoutCheck.Regions(in x) + ", its output of "
                + y.Height + "x" + y.Width + " has " + LayoutCheck.Regions(in y));
        }

        // No more memory than the blob has pairs, whatever number of channels a record states.
        var written = new HashSet<int>();
        for (long at = 0; at < block.Count; at += 2)
        {
            (int to, int from) = (block[at], block[at + 1]);
            if ((uint)to >= (uint)y.Channels || (uint)from >= (uint)x.Channels)
            {
                throw OperationCheck.Wrong(blob, i, "it copies channel " + from + " of " + x.Channels + " to channel " + to + " of " + y.Channels);
            }

            if (!written.Add(to))
            {
                throw OperationCheck.Wrong(blob, i, "it writes channel " + to + " twice");
            }
        }
    }
}
