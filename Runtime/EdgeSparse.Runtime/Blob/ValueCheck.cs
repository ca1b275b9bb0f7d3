namespace EdgeSparse.Runtime.Blob;

/// <summary>Activations: every pixel inside the value's elements, no two pixels at one place, every element inside the arena.</summary>
internal static unsafe class ValueCheck
{
    public static void Check(BlobView blob)
    {
        long arenaBytes = (long)blob.Header->ArenaBytes;
        long furthest = 0;
        for (int i = 0; i < blob.ValueCount; i++)
        {
            ref readonly ValueRecord value = ref blob.Values[i];
            CheckPixels(blob, i, in value);
            if (value.ArenaOffset < 0 || value.ArenaOffset % BlobConstants.Alignment != 0
                || value.ArenaOffset > arenaBytes - (value.Elements * sizeof(float)))
            {
                throw Wrong(blob, i, "its " + value.Elements + " elements at the arena offset " + value.ArenaOffset
                    + " are not aligned to 64 or not inside the arena of " + arenaBytes + " bytes");
            }

            furthest = Math.Max(furthest, value.ArenaOffset + (value.Elements * sizeof(float)));
        }

        if (((furthest + BlobConstants.Alignment - 1) & -BlobConstants.Alignment) != arenaBytes)
        {
            throw new BlobFormatException("the blob's header is wrong: ArenaBytes is " + arenaBytes
                + ", but the furthest value ends at " + furthest);
        }
    }

    private static void CheckPixels(BlobView blob, int i, in ValueRecord value)
    {
        if (value.Channels < 1 || value.Height < 1 || value.Width < 1)
        {
            throw Wrong(blob, i, "its " + value.Channels + " channels of " + value.Height + " rows of " + value.Width
                + " pixels are not all positive");
        }

        if (value.RowStride < value.Width || value.PlaneStride < PlaneSpan(in value))
        {
            throw Wrong(blob, i, "its row stride " + value.RowStride + " or plane stride " + value.PlaneStride
                + " is smaller than a row or a plane");
        }

        if (value.Elements < 1 || value.Elements > int.MaxValue)
        {
            throw Wrong(blob, i, "it has " + value.Elements + " elements; 1 to " + int.MaxValue + " are allowed");
        }

        // At most 2^31 + 2^62 + 2^31, so that no step of the sum overflows.
        if (value.Origin < 0
            || value.Origin + ((value.Channels - 1L) * value.PlaneStride) + PlaneSpan(in value) > value.Elements)
        {
            throw Wrong(blob, i, "its pixels reach beyond its " + value.Elements + " elements");
        }

        if (value.ZeroBorder is not (0 or 1))
        {
            throw Wrong(blob, i, "ZeroBorder is " + value.ZeroBorder + ", not 0 or 1");
        }

        if (value.Reserved0 != 0 || value.Reserved1 != 0)
        {
            throw Wrong(blob, i, "a reserved field is not zero");
        }
    }

    /// <summary>Elements from the first to the last pixel of a plane, rows as far apart as the value's row stride.</summary>
    private static long PlaneSpan(in ValueRecord value) => ((value.Height - 1L) * value.RowStride) + value.Width;

    private static BlobFormatException Wrong(BlobView blob, int index, string what) =>
        new("value " + index + " '" + TextCheck.Name(blob, blob.Values[index].NameOffset, blob.Values[index].NameLength) + "': " + what);
}
