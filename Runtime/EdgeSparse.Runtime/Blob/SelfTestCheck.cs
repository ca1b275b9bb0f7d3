namespace EdgeSparse.Runtime.Blob;

/// <summary>The section SelfTest, where there is one: whole, with samples of the network's own shapes. Relies on checked bindings.</summary>
internal static unsafe class SelfTestCheck
{
    private const uint MostSamples = 1024;

    public static void Check(BlobView blob)
    {
        if (blob.SelfTest == null)
        {
            return;
        }

        if (blob.SelfTestBytes < (ulong)sizeof(SelfTestRecord))
        {
            throw Wrong("it has " + blob.SelfTestBytes + " bytes, fewer than its record's " + sizeof(SelfTestRecord));
        }

        ref readonly SelfTestRecord record = ref *blob.SelfTest;
        if (record.Samples is 0 or > MostSamples)
        {
            throw Wrong("Samples is " + record.Samples + ", not 1 to " + MostSamples);
        }

        if (record.Inputs > SelfTestInputs.Generated)
        {
            throw Wrong("Inputs is " + (uint)record.Inputs + ", which is none of 0 to 2");
        }

        if (!(record.Tolerance > 0 && record.Tolerance <= 1))
        {
            throw Wrong("Tolerance is not above 0 and at most 1");
        }

        if (record.Reserved0 != 0 || record.Reserved1 != 0 || (record.Seed != 0 && record.Inputs != SelfTestInputs.Generated))
        {
            throw Wrong("a reserved field is not zero");
        }

        // No overflow: at most 16,384 bindings of at most 2³¹ elements of 4 bytes, 1024 samples.
        ulong expected = (ulong)sizeof(SelfTestRecord) + InputBytes(blob) + (record.Samples * sizeof(float) * Elements(blob, BindingKind.Output));
        if (blob.SelfTestBytes != expected)
        {
            throw Wrong("it has " + blob.SelfTestBytes + " bytes; " + record.Samples + " samples of this network take " + expected);
        }

        CheckOutputs(blob, expected);
    }

    /// <summary>Bytes of the stored inputs of all samples.</summary>
    public static ulong InputBytes(BlobView blob) => blob.SelfTest->Inputs switch
    {
        SelfTestInputs.Numbers => blob.SelfTest->Samples * sizeof(float) * Elements(blob, BindingKind.Input),
        SelfTestInputs.Pixels => ((blob.SelfTest->Samples * PixelBytes(blob)) + 3) & ~3UL,
        _ => 0,
    };

    /// <summary>Elements of all inputs, or all outputs, of one sample.</summary>
    private static ulong Elements(BlobView blob, BindingKind kind)
    {
        ulong elements = 0;
        for (int i = 0; i < blob.BindingCount; i++)
        {
            if (blob.Bindings[i].Kind == kind)
            {
                elements += (ulong)OperationCheck.PixelCount(in blob.Values[blob.Bindings[i].Value]);
            }
        }

        return elements;
    }

    private static ulong PixelBytes(BlobView blob)
    {
        for (int i = 0; i < blob.BindingCount; i++)
        {
            int channels = blob.Bindings[i].ScalingChannels;
            if (blob.Bindings[i].Kind == BindingKind.Input
                && (channels == 0 || OperationCheck.PixelCount(in blob.Values[blob.Bindings[i].Value]) % channels != 0))
            {
                throw Wrong("its inputs are pixels, but input " + i + " has no scaling for all its elements");
            }
        }

        return Elements(blob, BindingKind.Input);
    }

    private static void CheckOutputs(BlobView blob, ulong end)
    {
        byte* bytes = (byte*)blob.SelfTest;
        for (ulong at = (ulong)sizeof(SelfTestRecord) + InputBytes(blob); at < end; at += sizeof(float))
        {
            if (!float.IsFinite(*(float*)(bytes + at)))
            {
                throw Wrong("the output at its byte " + at + " is no finite number");
            }
        }
    }

    private static BlobFormatException Wrong(string what) => new("the section SelfTest is wrong: " + what);
}
