using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Tests.Blob;

/// <summary>
/// Writes blobs for tests from the records themselves, independent of the packer, and lets a test spoil any record before the
/// bytes are made. Values are laid out one after the other unless a test says otherwise.
/// </summary>
internal sealed class BlobBuilder
{
    private readonly List<byte> strings = [];
    private readonly List<byte> data = [];

    public List<ValueRecord> Values { get; } = [];

    public List<WeightRecord> Weights { get; } = [];

    public List<OperationRecord> Operations { get; } = [];

    public List<BindingRecord> Bindings { get; } = [];

    public string Metadata { get; set; } = "{}";

    private long ArenaEnd => Values.Count == 0 ? 0 : Values.Max(v => v.ArenaOffset + (v.Elements * sizeof(float)));

    /// <summary>End the file at a multiple of 64, as the format allows.</summary>
    public bool RoundUp { get; set; }

    /// <summary>Adds a value, planar unless slots are given; returns its index.</summary>
    public int Value(string name, int channels, int height, int width, Slots? slots = null)
    {
        ValueRecord value = (slots ?? Slots.Planar).Lay(channels, height, width);
        (value.NameOffset, value.NameLength) = Text(name);
        value.ArenaOffset = (ArenaEnd + 63) & ~63L;
        Values.Add(value);
        return Values.Count - 1;
    }

    /// <summary>Adds the vector of <paramref name="count"/> elements.</summary>
    public int Vector(string name, int count, int slack = 0) => Value(name, count, 1, 1, new Slots { Slack = slack });

    /// <summary>
    /// Adds a weight whose Format, Rows, Columns, Groups, NonZeros and, where they are not 2 dimensions, 1 chunk and an index unit
    /// of 1, also these are set; the rest comes from the arrays. <see cref="TestWeight"/> packs them.
    /// </summary>
    public int Weight(
        string name, WeightRecord record, float[] values, Array? indices, uint[]? pointers, float[] bias, int[]? rowMap = null,
        Array? windows = null)
    {
        (record.NameOffset, record.NameLength) = Text(name);
        if (record.Rank == 0)
        {
            (record.Rank, record.Dim0, record.Dim1, record.Dim2, record.Dim3) = (2, record.Rows, record.Columns, 1, 1);
        }

        record.Chunks = Math.Max(record.Chunks, 1);
        record.IndexUnit = Math.Max(record.IndexUnit, 1);
        (record.DataValues, record.ValueBytes) = Data(values);
        (record.DataIndices, record.IndexBytes) = Data(indices);
        (record.DataPointers, record.PointerBytes) = Data(pointers);
        (record.DataBias, record.BiasBytes) = Data(bias);
        (record.DataRowMap, record.RowMapBytes) = Data(rowMap);
        (record.DataWindows, record.WindowBytes) = Data(windows);
        Weights.Add(record);
        return Weights.Count - 1;
    }

    /// <summary>Adds a step; fields that its kind does not use may stay at 0.</summary>
    public int Step(string name, OperationKind kind, int input, int output, OperationRecord window = default, int weight = -1,
        int input1 = -1, Activation activation = Activation.None, int input2 = -1, Array? parameters = null)
    {
        (window.NameOffset, window.NameLength) = Text(name);
        window.Kind = kind;
        window.Activation = activation == Activation.None ? window.Activation : activation;
        window.Input0 = input;
        window.Input1 = input1;
        window.Input2 = input2;
        (window.DataParameters, window.ParameterBytes) = Data(parameters);
        window.Output = output;
        window.Weight = weight;
        Operations.Add(window);
        return Operations.Count - 1;
    }

    public void Input(string name, int value, params int[] shape) => Bind(BindingKind.Input, name, value, shape, null, null);

    public void ScaledInput(string name, int value, float[] mean, float[] std, params int[] shape) =>
        Bind(BindingKind.Input, name, value, shape, mean, std);

    public void Output(string name, int value, params int[] shape) => Bind(BindingKind.Output, name, value, shape, null, null);

    /// <summary>Replaces a 32-bit word of the Data section.</summary>
    public void Overwrite(ulong offset, int word)
    {
        byte[] bytes = BitConverter.GetBytes(word);
        for (int i = 0; i < bytes.Length; i++)
        {
            data[(int)offset + i] = bytes[i];
        }
    }

    /// <summary>A record's name.</summary>
    public string NameOf(uint offset, uint length) => Encoding.UTF8.GetString([.. strings.GetRange((int)offset, (int)length)]);

    /// <summary>The bytes, digest included.</summary>
    public byte[] Build()
    {
        byte[][] sections =
        [
            [.. strings], Bytes(Values), Bytes(Weights), Bytes(Operations), Bytes(Bindings), [.. data],
            Encoding.UTF8.GetBytes(Metadata),
        ];
        int end = Unsafe.SizeOf<BlobHeader>() + (sections.Length * Unsafe.SizeOf<SectionEntry>());
        var table = new List<SectionEntry>();
        for (int i = 0; i < sections.Length; i++)
        {
            int start = (end + 63) & ~63;
            table.Add(new SectionEntry { Kind = (SectionKind)(i + 1), Offset = (ulong)start, Length = (ulong)sections[i].Length });
            end = start + sections[i].Length;
        }

        end = RoundUp ? (end + 63) & ~63 : end;
        byte[] blob = new byte[end];
        var header = new BlobHeader
        {
            Magic = BlobConstants.Magic,
            Version = BlobConstants.Version,
            HeaderBytes = (uint)Unsafe.SizeOf<BlobHeader>(),
            TotalBytes = (ulong)end,
            ArenaBytes = (ulong)((ArenaEnd + 63) & ~63L),
            SectionCount = (uint)sections.Length,
        };
        MemoryMarshal.Write(blob, header);
        Bytes(table).CopyTo(blob, Unsafe.SizeOf<BlobHeader>());
        for (int i = 0; i < sections.Length; i++)
        {
            sections[i].CopyTo(blob, (int)table[i].Offset);
        }

        Digest(blob);
        return blob;
    }

    /// <summary>Writes the digest that the bytes now have into the header.</summary>
    public static void Digest(byte[] blob)
    {
        UInt128 digest = HeaderCheck.Digest(blob.AsSpan(BlobConstants.DigestStart));
        MemoryMarshal.Write(blob.AsSpan(16), (ulong)digest);
        MemoryMarshal.Write(blob.AsSpan(24), (ulong)(digest >> 64));
    }

    private static byte[] Bytes<T>(List<T> records)
        where T : unmanaged => MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(records)).ToArray();

    private void Bind(BindingKind kind, string name, int value, int[] shape, float[]? mean, float[]? std)
    {
        (uint offset, uint length) = Text(name);
        int Dimension(int i) => i < shape.Length ? shape[i] : 1;
        Bindings.Add(new BindingRecord
        {
            Kind = kind,
            NameOffset = offset,
            NameLength = length,
            Value = value,
            Rank = shape.Length,
            Dim0 = Dimension(0),
            Dim1 = Dimension(1),
            Dim2 = Dimension(2),
            Dim3 = Dimension(3),
            Dim4 = Dimension(4),
            Dim5 = Dimension(5),
            Dim6 = Dimension(6),
            Dim7 = Dimension(7),
            ScalingChannels = mean?.Length ?? 0,
            DataMean = Data(mean).Offset,
            DataStd = Data(std).Offset,
        });
    }

    private (uint Offset, uint Length) Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        uint offset = (uint)strings.Count;
        strings.AddRange(bytes);
        return (offset, (uint)bytes.Length);
    }

    private (ulong Offset, ulong Length) Data(Array? array)
    {
        if (array is null)
        {
            return (0, 0);
        }

        byte[] bytes = new byte[Buffer.ByteLength(array)];
        Buffer.BlockCopy(array, 0, bytes, 0, bytes.Length);
        while (data.Count % BlobConstants.Alignment != 0)
        {
            data.Add(0);
        }

        ulong offset = (ulong)data.Count;
        data.AddRange(bytes);
        return (offset, (ulong)bytes.Length);
    }
}
