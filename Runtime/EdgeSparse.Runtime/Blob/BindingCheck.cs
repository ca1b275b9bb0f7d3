namespace EdgeSparse.Runtime.Blob;

/// <summary>Inputs and outputs of the network: inputs first, planar values with as many pixels as the shapes have elements.</summary>
internal static unsafe class BindingCheck
{
    private const int MostScalingChannels = 65536;

    public static void Check(BlobView blob)
    {
        int inputs = 0;
        for (int i = 0; i < blob.BindingCount; i++)
        {
            BindingRecord* binding = blob.Bindings + i;
            switch (binding->Kind)
            {
                case BindingKind.Input when inputs == i:
                    inputs++;
                    break;
                case BindingKind.Input:
                    throw Wrong(blob, i, "an input follows an output");
                case BindingKind.Output:
                    break;
                default:
                    throw Wrong(blob, i, "its kind is " + (uint)binding->Kind + ", not 1 (input) or 2 (output)");
            }

            CheckShape(blob, i, binding);
            if (binding->Type > ElementType.Bool)
            {
                throw Wrong(blob, i, "its element type is " + (uint)binding->Type + "; 0 (Float32) to 11 (Bool) are known");
            }

            CheckScaling(blob, i, binding);
            if (binding->Reserved0 != 0 || (binding->Reserved1 | binding->Reserved2) != 0)
            {
                throw Wrong(blob, i, "a reserved field is not zero");
            }
        }

        if (inputs == 0 || inputs == blob.BindingCount)
        {
            throw new BlobFormatException("the section Bindings has " + inputs + " inputs and " + (blob.BindingCount - inputs)
                + " outputs; a network has at least one of each");
        }
    }

    public static BlobFormatException Wrong(BlobView blob, int index, string what) =>
        new("binding " + index + " '" + TextCheck.Name(blob, blob.Bindings[index].NameOffset, blob.Bindings[index].NameLength) + "': " + what);

    private static void CheckShape(BlobView blob, int i, BindingRecord* binding)
    {
        if ((uint)binding->Value >= (uint)blob.ValueCount)
        {
            throw Wrong(blob, i, "its value " + binding->Value + " is none of " + blob.ValueCount);
        }

        int* dims = &binding->Dim0;
        Int128 product = 1;
        for (int d = 0; d < BlobConstants.MostDimensions; d++)
        {
            if (dims[d] < 1 || (d >= binding->Rank && dims[d] != 1))
            {
                throw Wrong(blob, i, "its dimension " + d + " is " + dims[d]);
            }

            product *= dims[d];
        }

        ref readonly ValueRecord value = ref blob.Values[binding->Value];
        if (binding->Rank is < 0 or > BlobConstants.MostDimensions || product != (Int128)value.Channels * value.Height * value.Width)
        {
            throw Wrong(blob, i, "its shape has rank " + binding->Rank + " or not as many elements as its value has pixels");
        }

        if (value.Lanes != 1)
        {
            throw Wrong(blob, i, "its value " + binding->Value + " has " + value.Lanes + " lanes; a planar one is needed");
        }
    }

    private static void CheckScaling(BlobView blob, int i, BindingRecord* binding)
    {
        int channels = binding->ScalingChannels;
        if (channels == 0)
        {
            if (binding->DataMean != 0 || binding->DataStd != 0)
            {
                throw Wrong(blob, i, "it has no scaling channels, but states a mean or deviation");
            }

            return;
        }

        if (channels is < 0 or > MostScalingChannels || binding->Kind != BindingKind.Input)
        {
            throw Wrong(blob, i, "it has " + channels + " scaling channels; an input has 0 to 65536, an output none");
        }

        ulong bytes = (ulong)channels * sizeof(float);
        string? fault = DataRangeCheck.Fault(blob, "Mean", binding->DataMean, bytes, bytes)
            ?? DataRangeCheck.Fault(blob, "Std", binding->DataStd, bytes, bytes);
        if (fault is not null)
        {
            throw Wrong(blob, i, fault);
        }

        float* mean = (float*)(blob.Data + binding->DataMean);
        float* deviation = (float*)(blob.Data + binding->DataStd);
        for (int c = 0; c < channels; c++)
        {
            if (!float.IsFinite(mean[c]) || !float.IsFinite(deviation[c]) || deviation[c] <= 0)
            {
                throw Wrong(blob, i, "the scaling of channel " + c + " is no finite mean and positive deviation");
            }
        }
    }
}
