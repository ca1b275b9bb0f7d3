namespace EdgeSparse.Runtime.Blob;

/// <summary>Where the sections of a blob lie in memory. <see cref="BlobReader"/> makes it, and has validated what it shows.</summary>
internal sealed unsafe class BlobView
{
    private readonly byte* strings;

    /// <param name="memory">The blob's bytes.</param>
    /// <param name="table">The section table: seven to nine entries, ascending by kind, all inside the blob.</param>
    public BlobView(BlobMemory memory, SectionEntry* table)
    {
        Memory = memory;
        byte* bytes = memory.Pointer;
        Header = (BlobHeader*)bytes;
        strings = bytes + table[0].Offset;
        StringBytes = table[0].Length;
        Values = (ValueRecord*)(bytes + table[1].Offset);
        ValueCount = (int)(table[1].Length / (ulong)sizeof(ValueRecord));
        Weights = (WeightRecord*)(bytes + table[2].Offset);
        WeightCount = (int)(table[2].Length / (ulong)sizeof(WeightRecord));
        Operations = (OperationRecord*)(bytes + table[3].Offset);
        OperationCount = (int)(table[3].Length / (ulong)sizeof(OperationRecord));
        Bindings = (BindingRecord*)(bytes + table[4].Offset);
        BindingCount = (int)(table[4].Length / (ulong)sizeof(BindingRecord));
        Data = bytes + table[5].Offset;
        DataBytes = table[5].Length;
        metadata = bytes + table[6].Offset;
        metadataBytes = (int)table[6].Length;
        for (uint i = (uint)SectionKind.Metadata; i < Header->SectionCount; i++)
        {
            if (table[i].Kind == SectionKind.SelfTest)
            {
                SelfTest = (SelfTestRecord*)(bytes + table[i].Offset);
                SelfTestBytes = table[i].Length;
            }
            else
            {
                DeviceCode = bytes + table[i].Offset;
                DeviceCodeBytes = table[i].Length;
            }
        }
    }

    private readonly byte* metadata;
    private readonly int metadataBytes;

    public BlobMemory Memory { get; }

    public BlobHeader* Header { get; }

    public ulong StringBytes { get; }

    public ValueRecord* Values { get; }

    public int ValueCount { get; }

    public WeightRecord* Weights { get; }

    public int WeightCount { get; }

    public OperationRecord* Operations { get; }

    public int OperationCount { get; }

    public BindingRecord* Bindings { get; }

    public int BindingCount { get; }

    public byte* Data { get; }

    public ulong DataBytes { get; }

    /// <summary>The samples that the blob carries, or null.</summary>
    public SelfTestRecord* SelfTest { get; }

    public ulong SelfTestBytes { get; }

    /// <summary>The section DeviceCode, or null. What is in it has not been checked.</summary>
    public byte* DeviceCode { get; }

    public ulong DeviceCodeBytes { get; }

    /// <summary>The metadata, UTF-8 JSON.</summary>
    public ReadOnlySpan<byte> Metadata => new(metadata, metadataBytes);

    /// <summary>The UTF-8 bytes of a name whose range has been checked.</summary>
    public ReadOnlySpan<byte> Name(uint offset, uint length) => new(strings + offset, (int)length);
}
