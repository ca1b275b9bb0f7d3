namespace EdgeSparse.Runtime.Blob;

/// <summary>The section table: all kinds once (those after Metadata may be absent), in order, aligned, inside the file, with zero bytes between, of whole records.</summary>
internal static unsafe class SectionCheck
{
    /// <summary>More values or steps than this are refused, which keeps the time of every check in bounds.</summary>
    private const ulong LargestCount = 16384;

    private const ulong LargestText = int.MaxValue;

    private static readonly string[] Names = ["", "Strings", "Values", "Weights", "Operations", "Bindings", "Data", "Metadata", "SelfTest", "DeviceCode"];

    public static BlobView Check(BlobMemory memory)
    {
        byte* bytes = memory.Pointer;
        int count = (int)((BlobHeader*)bytes)->SectionCount;
        ulong total = (ulong)memory.Length;
        ulong end = (ulong)(sizeof(BlobHeader) + (count * sizeof(SectionEntry)));
        if (total < end)
        {
            throw new BlobFormatException("the blob ends inside its section table");
        }

        var table = (SectionEntry*)(bytes + sizeof(BlobHeader));
        for (int i = 0; i < count; i++)
        {
            SectionEntry* entry = table + i;
            bool isLastOfAll = i == (int)SectionKind.Metadata && count == i + 1 && entry->Kind == SectionKind.DeviceCode;
            if (entry->Kind != (SectionKind)(i + 1) && !isLastOfAll)
            {
                throw Wrong(i, "its kind is " + (uint)entry->Kind);
            }

            if (entry->Reserved0 != 0 || entry->Reserved1 != 0)
            {
                throw Wrong(i, "a reserved field is not zero");
            }

            ulong start = RoundUp(end);
            if (entry->Offset != start)
            {
                throw Wrong(i, "it starts at " + entry->Offset + ", not at " + start);
            }

            if (start > total || entry->Length > total - start)
            {
                throw Wrong(i, "its " + entry->Length + " bytes reach beyond the end of the blob");
            }

            CheckZero(bytes, end, start);
            CheckLength(i, entry->Length);
            end = start + entry->Length;
        }

        if (total != end && total != RoundUp(end))
        {
            throw new BlobFormatException("the blob has " + total + " bytes, but its last section ends at " + end);
        }

        CheckZero(bytes, end, total);
        return new BlobView(memory, table);
    }

    /// <summary>The section's name for messages.</summary>
    public static string Name(SectionKind kind) => Names[(int)kind];

    private static void CheckLength(int i, ulong length)
    {
        ulong record = (SectionKind)(i + 1) switch
        {
            SectionKind.Values => (ulong)sizeof(ValueRecord),
            SectionKind.Weights => (ulong)sizeof(WeightRecord),
            SectionKind.Operations => (ulong)sizeof(OperationRecord),
            SectionKind.Bindings => (ulong)sizeof(BindingRecord),
            _ => 0,
        };
        if (record == 0)
        {
            if ((SectionKind)(i + 1) != SectionKind.Data && length > LargestText)
            {
                throw Wrong(i, "its " + length + " bytes are more than " + LargestText);
            }
        }
        else if (length % record != 0 || length / record > LargestCount)
        {
            throw Wrong(i, "its " + length + " bytes are no whole number, up to " + LargestCount + ", of records of " + record);
        }
    }

    private static void CheckZero(byte* bytes, ulong start, ulong end)
    {
        for (ulong at = start; at < end; at++)
        {
            if (bytes[at] != 0)
            {
                throw new BlobFormatException("the byte at " + at + " lies between sections and is not zero");
            }
        }
    }

    private static ulong RoundUp(ulong offset) => (offset + BlobConstants.Alignment - 1) & ~(ulong)(BlobConstants.Alignment - 1);

    private static BlobFormatException Wrong(int i, string what) =>
        new("the section table is wrong at entry " + i + " (" + Names[i + 1] + "): " + what);
}
