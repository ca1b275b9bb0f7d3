using System.Globalization;
using System.Text;

namespace EdgeSparse.Cli.Tests;

/// <summary>
/// A data set small enough to train on in a second: 28×28 grey pixels, class c has rows 2c+4 and 2c+5 bright, with noise. Written
/// as the NumPy files that <c>--data FOLDER</c> reads.
/// </summary>
internal static class StripeData
{
    public const int Side = 28;
    public const int Classes = 10;

    public static string Write(string folder, int train = 400, int test = 100)
    {
        Directory.CreateDirectory(folder);
        Random random = new(1);
        WritePart(folder, "train", train, random);
        WritePart(folder, "test", test, random);
        return folder;
    }

    /// <summary>The bytes of a .npy file, version 1.0.</summary>
    /// <param name="type">NumPy's name of the element type, for example <c>|u1</c>.</param>
    /// <param name="data">Row-major, little-endian.</param>
    /// <param name="shape">Outermost first.</param>
    public static byte[] Npy(string type, byte[] data, params int[] shape)
    {
        string dims = string.Concat(shape.Select(d => d.ToString(CultureInfo.InvariantCulture) + ","));
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({dims}), }}";
        header = header.PadRight((64 * ((header.Length + 10) / 64)) + 63 - 10) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.ASCII.GetBytes(header), .. data];
    }

    /// <summary>One sample of a class.</summary>
    public static byte[] Sample(int label, Random random)
    {
        byte[] pixels = new byte[Side * Side];
        random.NextBytes(pixels);
        for (int i = 0; i < pixels.Length; i++)
        {
            int row = i / Side;
            pixels[i] = (byte)((pixels[i] / 2) + (row == (2 * label) + 4 || row == (2 * label) + 5 ? 120 : 0));
        }

        return pixels;
    }

    private static void WritePart(string folder, string part, int count, Random random)
    {
        List<byte> pixels = [];
        List<byte> labels = [];
        for (int i = 0; i < count; i++)
        {
            int label = i % Classes;
            pixels.AddRange(Sample(label, random));
            labels.Add((byte)label);
        }

        File.WriteAllBytes(Path.Combine(folder, $"{part}-x.npy"), Npy("|u1", [.. pixels], count, Side, Side));
        File.WriteAllBytes(Path.Combine(folder, $"{part}-y.npy"), Npy("|u1", [.. labels], count));
    }
}
