using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace EdgeSparse.Runtime.Inputs;

/// <summary>
/// Reads a file as inputs of a network. What the file is, its content says: NumPy, idx or PNG, each also gzipped. Bytes (PNG,
/// idx, NumPy u1) are pixels and are scaled as the network asks; NumPy's other types are taken as they are.
/// </summary>
public static class SampleReader
{
    /// <summary>Reads every sample of a file.</summary>
    /// <param name="path">One sample, or a NumPy or idx array whose first dimension counts samples.</param>
    /// <param name="input">The samples' shape, in channel-row-column order, and their scaling.</param>
    /// <returns>One array of <see cref="TensorInfo.ElementCount"/> values a sample.</returns>
    /// <exception cref="InputFormatException">The file is absent, damaged or of another kind, its size is not the network's, or
    /// it holds pixels and the network does not say how they become input.</exception>
    public static IReadOnlyList<float[]> Read(string path, TensorInfo input)
    {
        using InputStream stream = InputStream.Open(path);
        ReadOnlySpan<byte> start = stream.Peek(4);
        if (start.StartsWith(PngFile.Magic[..4]))
        {
            return [FromPicture(PngFile.Read(stream), input, path)];
        }

        if (start.StartsWith(NpyFile.Magic[..4]))
        {
            NpyArray array = NpyFile.Read(stream);
            return array.ElementType == NpyElement.UInt8
                ? FromPixels(array.Shape, array.Data, input, path)
                : FromNumbers(array, input, path);
        }

        if (start.Length == 4 && start[0] == 0 && start[1] == 0)
        {
            IdxArray array = IdxFile.Read(stream);
            return FromPixels(array.Shape, array.Data, input, path);
        }

        throw new InputFormatException($"{path}: neither a .npy, nor an .idx, nor a .png file by its content");
    }

    private static List<float[]> FromNumbers(NpyArray array, TensorInfo input, string path)
    {
        int count = SampleCount(array.Shape, array.Count, input, path);
        float[] values = array.ToFloats();
        List<float[]> samples = new(count);
        for (int i = 0; i < count; i++)
        {
            samples.Add(values.AsSpan(i * input.ElementCount, input.ElementCount).ToArray());
        }

        return samples;
    }

    private static List<float[]> FromPixels(ImmutableArray<int> shape, byte[] pixels, TensorInfo input, string path)
    {
        PixelTable table = PixelTable.For(input, path);
        int count = SampleCount(shape, pixels.Length, input, path);
        List<float[]> samples = new(count);
        for (int i = 0; i < count; i++)
        {
            float[] sample = new float[input.ElementCount];
            for (int e = 0; e < sample.Length; e++)
            {
                sample[e] = table[e / table.Plane, pixels[(i * sample.Length) + e]];
            }

            samples.Add(sample);
        }

        return samples;
    }

    private static float[] FromPicture(PngImage picture, TensorInfo input, string path)
    {
        PixelTable table = PixelTable.For(input, path);
        bool sized = input.Shape.Length == 4
            ? (picture.Height, picture.Width) == (input.Shape[2], input.Shape[3])
            : picture.Height * picture.Width == table.Plane;
        if (!sized || table.Channels is not (1 or 3))
        {
            throw new InputFormatException(
                $"{path}: a picture of {picture.Width}×{picture.Height} pixels (width × height); the network's input '{input.Name}' is {Text(input.Shape)}");
        }

        float[] sample = new float[input.ElementCount];
        for (int e = 0; e < sample.Length; e++)
        {
            int channel = e / table.Plane;
            ReadOnlySpan<byte> pixel = picture.Pixels.AsSpan(e % table.Plane * picture.Channels, picture.Channels);
            byte value = picture.Channels == 1 ? pixel[0] : table.Channels == 3 ? pixel[channel] : Luma(pixel);
            sample[e] = table[channel, value];
        }

        return sample;
    }

    /// <summary>ITU-R BT.601 in the fixed point that PIL's <c>convert("L")</c> uses.</summary>
    private static byte Luma(ReadOnlySpan<byte> rgb) =>
        (byte)(((rgb[0] * 19595) + (rgb[1] * 38470) + (rgb[2] * 7471) + 0x8000) >> 16);

    /// <summary>One when the array is one sample, with or without its batch dimension; else its first dimension.</summary>
    private static int SampleCount(ImmutableArray<int> shape, int elements, TensorInfo input, string path)
    {
        ReadOnlySpan<int> wanted = input.Shape.AsSpan();
        if (elements == input.ElementCount && Fits(shape.AsSpan(), wanted))
        {
            return 1;
        }

        if (shape.Length > 0 && elements == (long)shape[0] * input.ElementCount && Fits(shape.AsSpan()[1..], wanted))
        {
            return shape[0];
        }

        throw new InputFormatException(
            $"{path}: an array of {Text(shape)}; the network's input '{input.Name}' is {Text(input.Shape)}, or N samples of it");
    }

    /// <summary>The same dimensions, those of 1 left out, or either of the two a plain vector.</summary>
    private static bool Fits(ReadOnlySpan<int> shape, ReadOnlySpan<int> wanted)
    {
        ReadOnlySpan<int> a = Squeeze(shape);
        ReadOnlySpan<int> b = Squeeze(wanted);
        return a.Length <= 1 || b.Length <= 1 || a.SequenceEqual(b);
    }

    private static int[] Squeeze(ReadOnlySpan<int> shape)
    {
        int[] kept = new int[shape.Length];
        int count = 0;
        foreach (int dim in shape)
        {
            if (dim != 1)
            {
                kept[count++] = dim;
            }
        }

        return kept.AsSpan(0, count).ToArray();
    }

    private static string Text(ImmutableArray<int> shape)
    {
        StringBuilder text = new();
        foreach (int dim in shape)
        {
            text.Append(text.Length > 0 ? "×" : "").Append(dim.ToString(CultureInfo.InvariantCulture));
        }

        return text.Length > 0 ? text.ToString() : "a single number";
    }
}
