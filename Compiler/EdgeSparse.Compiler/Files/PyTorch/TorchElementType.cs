using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace EdgeSparse.Compiler.Files.PyTorch;

/// <summary>What a storage holds.</summary>
/// <param name="StorageClass">The name of PyTorch's class.</param>
/// <param name="Bytes">Of an element.</param>
/// <param name="Read">An element as fp32, the nearest one where it has none.</param>
internal sealed record TorchElementType(string StorageClass, int Bytes, TorchElementType.ReadElement Read)
{
    public delegate float ReadElement(ReadOnlySpan<byte> bytes);

    public static ImmutableArray<TorchElementType> All { get; } =
    [
        new("FloatStorage", 4, BinaryPrimitives.ReadSingleLittleEndian),
        new("DoubleStorage", 8, b => (float)BinaryPrimitives.ReadDoubleLittleEndian(b)),
        new("HalfStorage", 2, b => (float)BinaryPrimitives.ReadHalfLittleEndian(b)),
        new("BFloat16Storage", 2, b => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(b) << 16)),
        new("LongStorage", 8, b => BinaryPrimitives.ReadInt64LittleEndian(b)),
        new("IntStorage", 4, b => BinaryPrimitives.ReadInt32LittleEndian(b)),
        new("ShortStorage", 2, b => BinaryPrimitives.ReadInt16LittleEndian(b)),
        new("CharStorage", 1, b => (sbyte)b[0]),
        new("ByteStorage", 1, b => b[0]),
        new("BoolStorage", 1, b => b[0] == 0 ? 0 : 1),
    ];

    /// <summary>Elements one after another.</summary>
    public void ReadAll(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (StorageClass == "FloatStorage" && BitConverter.IsLittleEndian)
        {
            MemoryMarshal.Cast<byte, float>(bytes[..(values.Length * sizeof(float))]).CopyTo(values);
            return;
        }

        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Read(bytes.Slice(i * Bytes, Bytes));
        }
    }
}
