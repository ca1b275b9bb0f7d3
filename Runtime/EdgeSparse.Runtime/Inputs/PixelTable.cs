using System.Collections.Immutable;

namespace EdgeSparse.Runtime.Inputs;

/// <summary>What each byte becomes in each channel of a network's input: (byte/255 − mean) / std.</summary>
internal sealed class PixelTable
{
    private readonly float[] values;

    private PixelTable(PixelScaling scaling, int plane)
    {
        Channels = scaling.Mean.Length;
        Plane = plane;
        values = new float[Channels * 256];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (((i & 255) / 255f) - scaling.Mean[i >> 8]) / scaling.Std[i >> 8];
        }
    }

    public int Channels { get; }

    /// <summary>Elements of one channel.</summary>
    public int Plane { get; }

    public float this[int channel, byte pixel] => values[(channel << 8) | pixel];

    /// <exception cref="InputFormatException">The network states no scaling, or not one for each of its channels.</exception>
    public static PixelTable For(TensorInfo input, string path)
    {
        if (input.Scaling is not { } scaling)
        {
            throw new InputFormatException(
                $"{path}: holds pixels, and the model does not say how they become its input '{input.Name}': give a .npy of float32, scaled");
        }

        // A vector says nothing of channels: then they are as many as the scaling has.
        ImmutableArray<int> shape = input.Shape;
        int channels = shape.Length > 2 ? shape[1] : scaling.Mean.Length;
        if (channels == 0 || scaling.Mean.Length != channels || scaling.Std.Length != channels || input.ElementCount % channels != 0)
        {
            throw new InputFormatException(
                $"{path}: the model's pixel scaling has {scaling.Mean.Length} means and {scaling.Std.Length} deviations for input '{input.Name}'");
        }

        return new PixelTable(scaling, input.ElementCount / channels);
    }
}
