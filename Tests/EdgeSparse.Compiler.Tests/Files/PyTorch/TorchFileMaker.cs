using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace EdgeSparse.Compiler.Tests.Files.PyTorch;

/// <summary>Writes pickles, and the two kinds of files that torch.save makes of them, opcode by opcode.</summary>
internal static class TorchFileMaker
{
    public static readonly byte[] None = [(byte)'N'];
    public static readonly byte[] EmptyTuple = [(byte)')'];
    public static readonly byte[] OrderedDict = Call(Global("collections", "OrderedDict"), EmptyTuple);

    public static byte[] Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return [(byte)'X', .. BitConverter.GetBytes(utf8.Length), .. utf8];
    }

    /// <summary>As LONG1 of eight bytes.</summary>
    public static byte[] Number(long value) => [0x8A, 8, .. BitConverter.GetBytes(value)];

    public static byte[] Tuple(params byte[][] items) => [(byte)'(', .. items.SelectMany(i => i), (byte)'t'];

    public static byte[] List(params byte[][] items) => [(byte)']', (byte)'(', .. items.SelectMany(i => i), (byte)'e'];

    public static byte[] Dict(params (string Key, byte[] Value)[] items) => Filled([(byte)'}'], items);

    /// <summary>An OrderedDict.</summary>
    public static byte[] Ordered(params (string Key, byte[] Value)[] items) => Filled(OrderedDict, items);

    public static byte[] Global(string module, string name) => [(byte)'c', .. Encoding.UTF8.GetBytes($"{module}\n{name}\n")];

    public static byte[] Call(byte[] function, byte[] arguments) => [.. function, .. arguments, (byte)'R'];

    public static byte[] Storage(string key, string type, long count) =>
        [.. Tuple(Text("storage"), Global("torch", type), Text(key), Text("cpu"), Number(count)), (byte)'Q'];

    public static byte[] Tensor(byte[] storage, long offset, long[] sizes, long[] strides) => Call(
        Global("torch._utils", "_rebuild_tensor_v2"),
        Tuple(storage, Number(offset), Tuple([.. sizes.Select(Number)]), Tuple([.. strides.Select(Number)]), [0x89], OrderedDict));

    /// <summary>A row of floats that is all of its storage.</summary>
    public static byte[] Row(string key, long count) => Tensor(Storage(key, "FloatStorage", count), 0, [count], [1]);

    public static byte[] Floats(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    public static byte[] Pickle(byte[] value) => [0x80, 2, .. value, (byte)'.'];

    public static byte[] Zip(byte[] root, params (string Key, byte[] Bytes)[] storages) => ZipOf(
        CompressionLevel.NoCompression,
        [("archive/data.pkl", Pickle(root)), ("archive/byteorder", "little"u8.ToArray()), .. storages.Select(s => ($"archive/data/{s.Key}", s.Bytes))]);

    public static byte[] ZipOf(CompressionLevel level, params (string Name, byte[] Bytes)[] entries)
    {
        using MemoryStream stream = new();
        using (ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in entries)
            {
                using Stream entry = archive.CreateEntry(name, level).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    /// <summary>The form before 1.6; storages are of floats.</summary>
    public static byte[] Legacy(byte[] root, params (string Key, byte[] Bytes)[] storages) =>
    [
        .. LegacyStart(little: true), .. Pickle(root), .. Pickle(List([.. storages.Select(s => Text(s.Key))])),
        .. storages.SelectMany(s => (byte[])[.. LittleEndian(s.Bytes.Length / sizeof(float)), .. s.Bytes]),
    ];

    public static byte[] LegacyStart(bool little) =>
    [
        .. Pickle([0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]), .. Pickle([(byte)'M', 0xE9, 3]),
        .. Pickle(Dict(("protocol_version", [(byte)'M', 0xE9, 3]), ("little_endian", [(byte)(little ? 0x88 : 0x89)]))),
    ];

    private static byte[] Filled(byte[] dictionary, (string Key, byte[] Value)[] items) =>
        [.. dictionary, (byte)'(', .. items.SelectMany(i => (byte[])[.. Text(i.Key), .. i.Value]), (byte)'u'];

    private static byte[] LittleEndian(long value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }
}
