using System.Text;
using System.Text.Unicode;

namespace EdgeSparse.Runtime.Blob;

/// <summary>Names and metadata are text: inside their section, valid UTF-8, names without control characters.</summary>
internal static unsafe class TextCheck
{
    private const uint LongestName = 4096;

    public static void Check(BlobView blob)
    {
        for (int i = 0; i < blob.ValueCount; i++)
        {
            CheckName(blob, SectionKind.Values, i, blob.Values[i].NameOffset, blob.Values[i].NameLength);
        }

        for (int i = 0; i < blob.WeightCount; i++)
        {
            CheckName(blob, SectionKind.Weights, i, blob.Weights[i].NameOffset, blob.Weights[i].NameLength);
        }

        for (int i = 0; i < blob.OperationCount; i++)
        {
            CheckName(blob, SectionKind.Operations, i, blob.Operations[i].NameOffset, blob.Operations[i].NameLength);
        }

        for (int i = 0; i < blob.BindingCount; i++)
        {
            CheckName(blob, SectionKind.Bindings, i, blob.Bindings[i].NameOffset, blob.Bindings[i].NameLength);
        }

        if (!Utf8.IsValid(blob.Metadata))
        {
            throw new BlobFormatException("the section Metadata is no valid UTF-8");
        }
    }

    /// <summary>A checked name as a string.</summary>
    public static string Name(BlobView blob, uint offset, uint length) => Encoding.UTF8.GetString(blob.Name(offset, length));

    private static void CheckName(BlobView blob, SectionKind section, int index, uint offset, uint length)
    {
        if (offset > blob.StringBytes || length > blob.StringBytes - offset || length > LongestName)
        {
            throw Wrong(section, index, "its name lies outside the section Strings or is longer than 4096 bytes");
        }

        ReadOnlySpan<byte> name = blob.Name(offset, length);
        if (!Utf8.IsValid(name))
        {
            throw Wrong(section, index, "its name is no valid UTF-8");
        }

        foreach (byte b in name)
        {
            if (b is < 0x20 or 0x7F)
            {
                throw Wrong(section, index, "its name has a control character");
            }
        }
    }

    private static BlobFormatException Wrong(SectionKind section, int index, string what) =>
        new("the section " + SectionCheck.Name(section) + " is wrong at record " + index + ": " + what);
}
