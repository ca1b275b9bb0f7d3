using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Writes a plan as the bytes of an .esb file; docs/format.md says what they are.</summary>
internal static class BlobWriter
{
    /// <exception cref="PackingException">The file would be larger than an array can be.</exception>
    public static byte[] Write(Plan plan, ArenaPlan arena, byte[] metadata)
    {
        StringTable strings = new();
        DataSection data = new();
        BlobRecordsWriter records = new(strings, data);
        byte[] values = Join(plan.Values.Select((v, i) => records.Of(v, arena.Offsets[i])));
        byte[] weights = Join(plan.Weights.Select(records.Of));
        byte[] operations = Join(plan.Operations.Select(records.Of));
        byte[] bindings = Join(plan.Bindings.Select(records.Of));
        return Assemble(
            [
                (SectionKind.Strings, strings.ToArray()),
                (SectionKind.Values, values),
                (SectionKind.Weights, weights),
                (SectionKind.Operations, operations),
                (SectionKind.Bindings, bindings),
                (SectionKind.Data, null),
                (SectionKind.Metadata, metadata),
            ],
            data,
            arena.Bytes);
    }

    /// <param name="sections">In the order of the file; the one without bytes is <paramref name="data"/>.</param>
    /// <param name="data">The Data section.</param>
    /// <param name="arenaBytes">For the header.</param>
    private static byte[] Assemble((SectionKind Kind, byte[]? Bytes)[] sections, DataSection data, long arenaBytes)
    {
        SectionEntry[] table = new SectionEntry[sections.Length];
        long end = Unsafe.SizeOf<BlobHeader>() + ((long)sections.Length * Unsafe.SizeOf<SectionEntry>());
        for (int i = 0; i < sections.Length; i++)
        {
            long start = BlobLayout.Align(end);
            long length = sections[i].Bytes?.Length ?? data.Length;
            table[i] = new SectionEntry { Kind = sections[i].Kind, Offset = (ulong)start, Length = (ulong)length };
            end = start + length;
        }

        if (end > Array.MaxLength)
        {
            throw new PackingException($"the blob would have {end} bytes; {Array.MaxLength} are possible");
        }

        byte[] file = new byte[end];
        MemoryMarshal.AsBytes(table.AsSpan()).CopyTo(file.AsSpan(Unsafe.SizeOf<BlobHeader>()));
        for (int i = 0; i < sections.Length; i++)
        {
            Span<byte> place = file.AsSpan((int)table[i].Offset, (int)table[i].Length);
            if (sections[i].Bytes is { } bytes)
            {
                bytes.CopyTo(place);
            }
            else
            {
                data.CopyTo(place);
            }
        }

        BlobHeader header = new()
        {
            Magic = BlobConstants.Magic,
            Version = BlobConstants.Version,
            HeaderBytes = (uint)Unsafe.SizeOf<BlobHeader>(),
            ArenaBytes = (ulong)arenaBytes,
            SectionCount = (uint)sections.Length,
        };
        BlobSeal.Write(file, header);
        return file;
    }

    private static byte[] Join<T>(IEnumerable<T> records)
        where T : unmanaged => MemoryMarshal.AsBytes(records.ToArray().AsSpan()).ToArray();
}
