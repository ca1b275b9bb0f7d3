using System.Buffers.Binary;
using System.Text;

namespace EdgeSparse.Compiler.Training.Torch;

/// <summary>
/// The symbol versions that a 64-bit little-endian ELF library asks of other libraries (section <c>.gnu.version_r</c>; layout:
/// System V ABI and the Linux Standard Base, "Version Requirements"). Every offset read from the file is checked.
/// </summary>
internal static class ElfVersionNeeds
{
    private const int SectionHeaderBytes = 64;
    private const int VersionNeedBytes = 16;
    private const uint VersionNeedSection = 0x6ffffffe;
    private const ushort WeakFlag = 0x2;

    /// <summary>
    /// Marks the need for <paramref name="version"/> weak, in place: the loader then accepts a library without that version,
    /// which is sound as long as no relocation uses a symbol of it.
    /// </summary>
    /// <param name="elf">The whole library file.</param>
    /// <param name="version">For example <c>GLIBCXX_3.4.32</c>.</param>
    /// <returns>The number of entries marked; 0 when the library does not ask for the version.</returns>
    /// <exception cref="InvalidDataException">The bytes are no such ELF file, or an offset points outside it.</exception>
    public static int MarkWeak(Span<byte> elf, string version)
    {
        CheckHeader(elf);
        byte[] name = Encoding.ASCII.GetBytes(version);
        int marked = 0;
        foreach ((int start, int count, Range strings) in VersionNeedSections(elf))
        {
            int need = start;
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> entry = At(elf, need, VersionNeedBytes);
                int auxiliaryCount = BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]);
                int auxiliary = Offset(need, BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]));
                int next = Offset(need, BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]));
                for (int j = 0; j < auxiliaryCount; j++)
                {
                    Span<byte> aux = At(elf, auxiliary, VersionNeedBytes);
                    if (IsString(elf[strings], BinaryPrimitives.ReadUInt32LittleEndian(aux[8..]), name))
                    {
                        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(aux[4..]);
                        BinaryPrimitives.WriteUInt16LittleEndian(aux[4..], (ushort)(flags | WeakFlag));
                        marked++;
                    }

                    auxiliary = Offset(auxiliary, BinaryPrimitives.ReadUInt32LittleEndian(aux[12..]));
                }

                need = next;
            }
        }

        return marked;
    }

    private static void CheckHeader(ReadOnlySpan<byte> elf)
    {
        // 0x7f "ELF", 64-bit class, little-endian, version 1.
        if (elf.Length < 64 || !elf[..7].SequenceEqual((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1]))
        {
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        }
    }

    private static List<(int Start, int Count, Range Strings)> VersionNeedSections(ReadOnlySpan<byte> elf)
    {
        ulong table = BinaryPrimitives.ReadUInt64LittleEndian(elf[40..]);
        int entryBytes = BinaryPrimitives.ReadUInt16LittleEndian(elf[58..]);
        int sections = BinaryPrimitives.ReadUInt16LittleEndian(elf[60..]);
        if (entryBytes != SectionHeaderBytes || table > (ulong)elf.Length)
        {
            throw new InvalidDataException("the ELF section table lies outside the file");
        }

        List<(int, int, Range)> found = [];
        for (int i = 0; i < sections; i++)
        {
            ReadOnlySpan<byte> header = Section(elf, (int)table, i);
            if (BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) != VersionNeedSection)
            {
                continue;
            }

            (int start, _) = Extent(elf, header);
            uint link = BinaryPrimitives.ReadUInt32LittleEndian(header[40..]);
            if (link >= (uint)sections)
            {
                throw new InvalidDataException("an ELF section refers to a string table that does not exist");
            }

            (int strings, int stringsBytes) = Extent(elf, Section(elf, (int)table, (int)link));
            found.Add((start, (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(header[44..]), ushort.MaxValue), strings..(strings + stringsBytes)));
        }

        return found;
    }

    private static ReadOnlySpan<byte> Section(ReadOnlySpan<byte> elf, int table, int index)
    {
        long offset = table + ((long)index * SectionHeaderBytes);
        return offset + SectionHeaderBytes <= elf.Length
            ? elf.Slice((int)offset, SectionHeaderBytes)
            : throw new InvalidDataException("the ELF section table lies outside the file");
    }

    private static (int Start, int Length) Extent(ReadOnlySpan<byte> elf, ReadOnlySpan<byte> header)
    {
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
        return offset <= (ulong)elf.Length && length <= (ulong)elf.Length - offset
            ? ((int)offset, (int)length)
            : throw new InvalidDataException("an ELF section lies outside the file");
    }

    private static Span<byte> At(Span<byte> elf, int offset, int length) =>
        offset >= 0 && offset <= elf.Length - length
            ? elf.Slice(offset, length)
            : throw new InvalidDataException("an ELF version entry lies outside the file");

    private static int Offset(int from, uint distance) =>
        from + (long)distance <= int.MaxValue
            ? from + (int)distance
            : throw new InvalidDataException("an ELF version entry lies outside the file");

    private static bool IsString(ReadOnlySpan<byte> strings, uint offset, ReadOnlySpan<byte> name)
    {
        if (offset >= (uint)strings.Length)
        {
            throw new InvalidDataException("an ELF version entry has a name outside its string table");
        }

        ReadOnlySpan<byte> rest = strings[(int)offset..];
        return rest.Length > name.Length && rest[name.Length] == 0 && rest.StartsWith(name);
    }
}
