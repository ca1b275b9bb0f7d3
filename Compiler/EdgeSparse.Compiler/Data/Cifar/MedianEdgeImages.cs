namespace EdgeSparse.Compiler.Data.Cifar;

/// <summary>
/// CIFAR-10 packed without loss: one label byte an image, then the planes green, red − green + 128 and blue − green + 128,
/// each for all images, every byte the difference (modulo 256) from the median edge predictor of JPEG-LS (Weinberger,
/// Seroussi, Sapiro 2000) in its own plane.
/// </summary>
internal static class MedianEdgeImages
{
    private const int Side = 32;
    private const int Plane = Side * Side;
    private const int Record = 1 + (3 * Plane);

    /// <summary>To the records of the official binary version: label, red, green, blue.</summary>
    /// <param name="packed">Count × 3,073 bytes.</param>
    public static byte[] ToRecords(ReadOnlySpan<byte> packed)
    {
        int count = packed.Length / Record;
        byte[] records = new byte[count * Record];
        for (int image = 0; image < count; image++)
        {
            Span<byte> record = records.AsSpan(image * Record, Record);
            record[0] = packed[image];
            Span<byte> red = record.Slice(1, Plane);
            Span<byte> green = record.Slice(1 + Plane, Plane);
            Span<byte> blue = record.Slice(1 + (2 * Plane), Plane);
            Integrate(packed.Slice(count + (image * Plane), Plane), green);
            Integrate(packed.Slice(count + ((count + image) * Plane), Plane), red);
            Integrate(packed.Slice(count + (((2 * count) + image) * Plane), Plane), blue);
            for (int i = 0; i < Plane; i++)
            {
                red[i] = (byte)(red[i] + green[i] - 128);
                blue[i] = (byte)(blue[i] + green[i] - 128);
            }
        }

        return records;
    }

    private static void Integrate(ReadOnlySpan<byte> residual, Span<byte> plane)
    {
        plane[0] = residual[0];
        for (int i = 1; i < Side; i++)
        {
            plane[i] = (byte)(residual[i] + plane[i - 1]);
        }

        for (int row = Side; row < Plane; row += Side)
        {
            plane[row] = (byte)(residual[row] + plane[row - Side]);
            for (int i = row + 1; i < row + Side; i++)
            {
                int left = plane[i - 1];
                int above = plane[i - Side];
                int corner = plane[i - Side - 1];
                int low = Math.Min(left, above);
                int high = Math.Max(left, above);
                int predicted = corner >= high ? low : corner <= low ? high : left + above - corner;
                plane[i] = (byte)(residual[i] + predicted);
            }
        }
    }
}
