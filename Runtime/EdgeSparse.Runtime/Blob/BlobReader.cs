namespace EdgeSparse.Runtime.Blob;

/// <summary>
/// The security boundary: what it accepts, kernels use without further checks. Every check is in this folder; their order
/// matters, as each relies on what those before it have established.
/// </summary>
internal static unsafe class BlobReader
{
    /// <summary>Validates the bytes and shows their sections.</summary>
    /// <exception cref="BlobFormatException">Anything is wrong; the message says what and where.</exception>
    public static BlobView Open(BlobMemory memory)
    {
        HeaderCheck.Check(memory.Pointer, memory.Length);
        BlobView blob = SectionCheck.Check(memory);
        TextCheck.Check(blob);
        ValueCheck.Check(blob);
        WeightIndices[] indices = WeightCheck.Check(blob);
        BindingCheck.Check(blob);
        OperationCheck.Check(blob, indices);
        SelfTestCheck.Check(blob);
        DataRangeCheck.CheckDisjoint(blob);
        LifetimeCheck.Check(blob);
        return blob;
    }
}
