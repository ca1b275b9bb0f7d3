namespace EdgeSparse.Runtime.Blob;

/// <summary>Activations: a layout that <see cref="SlotCheck"/> accepts, every element inside the arena.</summary>
internal static unsafe class ValueCheck
{
    /// <summary>So many that every offset inside a value, in bytes, is an int.</summary>
    public const long MostElements = (int.MaxValue / sizeof(float)) & -ElementMultiple;

    private const long ElementMultiple = 16;

    public static void Check(BlobView blob)
    {
        long arenaBytes = (long)blob.Header->ArenaBytes;
        long furthest = 0;
        for (int i = 0; i < blob.ValueCount; i++)
        {
            ref readonly ValueRecord value = ref blob.Values[i];
            CheckSize(blob, i, in value);
            SlotCheck.Check(blob, i, in value);
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

    public static BlobFormatException Wrong(BlobView blob, int index, string what) =>
        new("value " + index + " '" + TextCheck.Name(blob, blob.Values[index].NameOffset, blob.Values[index].NameLength) + "': " + what);

    private static void CheckSize(BlobView blob, int i, in ValueRecord value)
    {
        if (value.Channels < 1 || value.Height < 1 || value.Width < 1)
        {
            throw Wrong(blob, i, "its " + value.Channels + " channels of " + value.Height + " rows of " + value.Width
                + " pixels are not all positive");
        }

        if (value.Elements is < 1 or > MostElements || value.Elements % ElementMultiple != 0)
        {
            throw Wrong(blob, i, "it has " + value.Elements + " elements; a multiple of 16 up to " + MostElements + " is allowed");
        }

        if ((value.Reserved0 | value.Reserved1 | value.Reserved2 | value.Reserved3 | value.Reserved4) != 0)
        {
            throw Wrong(blob, i, "a reserved field is not zero");
        }
    }
}
