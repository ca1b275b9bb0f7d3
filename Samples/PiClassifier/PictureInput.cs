using EdgeSparse.Runtime;

namespace PiClassifier;

/// <summary>
/// Makes pictures of any size the input of a network: the middle of the picture in the input's proportions, each pixel the mean of
/// those that fall on it, scaled as the model states. A picture of exactly the input's size is taken as it is.
/// </summary>
internal sealed class PictureInput
{
    private readonly int channels;
    private readonly int height;
    private readonly int width;
    private readonly float[] mean;
    private readonly float[] std;
    private readonly float[] values;
    private readonly float[] scores;

    /// <exception cref="EdgeSparseException">The network does not take one picture and give one list of scores.</exception>
    public PictureInput(Model model)
    {
        if (model.Inputs.Count != 1 || model.Outputs.Count != 1 || model.Inputs[0].Scaling is not { } scaling)
        {
            throw new EdgeSparseException("the model takes no pictures: it needs one input whose pixel scaling it states, and one output");
        }

        TensorInfo input = model.Inputs[0];
        channels = scaling.Mean.Length;
        int plane = input.ElementCount / channels;
        height = input.Shape.Length == 4 ? input.Shape[2] : (int)Math.Sqrt(plane);
        width = input.Shape.Length == 4 ? input.Shape[3] : height;
        if (channels is not (1 or 3) || channels * height * width != input.ElementCount)
        {
            throw new EdgeSparseException($"the model's input of {string.Join('×', input.Shape)} is no grey or colour picture");
        }

        mean = [.. scaling.Mean];
        std = [.. scaling.Std];
        values = new float[input.ElementCount];
        scores = new float[model.Outputs[0].ElementCount];
    }

    /// <summary>The scores of a picture, valid until the next one.</summary>
    public float[] Run(Session session, Picture picture)
    {
        Fill(picture, values);
        session.Run(values, scores);
        return scores;
    }

    /// <param name="picture">At least as large as the input, or parts of it are repeated.</param>
    /// <param name="destination">Channels × rows × columns.</param>
    internal void Fill(Picture picture, Span<float> destination)
    {
        // The largest part of the input's proportions.
        int partWidth = Math.Min(picture.Width, Math.Max(1, picture.Height * width / height));
        int partHeight = Math.Min(picture.Height, Math.Max(1, picture.Width * height / width));
        int left = (picture.Width - partWidth) / 2;
        int top = (picture.Height - partHeight) / 2;
        for (int y = 0; y < height; y++)
        {
            (int firstRow, int rows) = Covered(y, height, partHeight);
            for (int x = 0; x < width; x++)
            {
                (int firstColumn, int columns) = Covered(x, width, partWidth);
                for (int c = 0; c < channels; c++)
                {
                    float sum = 0;
                    for (int row = 0; row < rows; row++)
                    {
                        for (int column = 0; column < columns; column++)
                        {
                            sum += ValueOf(picture, left + firstColumn + column, top + firstRow + row, c);
                        }
                    }

                    float pixel = sum / (rows * columns);
                    destination[(((c * height) + y) * width) + x] = ((pixel / 255f) - mean[c]) / std[c];
                }
            }
        }
    }

    /// <summary>The pixels of a picture's part that fall on one of the input's, at least one.</summary>
    private static (int First, int Count) Covered(int index, int inputSize, int partSize)
    {
        int first = index * partSize / inputSize;
        return (first, Math.Max(1, ((index + 1) * partSize / inputSize) - first));
    }

    private float ValueOf(Picture picture, int x, int y, int channel)
    {
        ReadOnlySpan<byte> pixel = picture.Pixels.AsSpan(((y * picture.Width) + x) * picture.Channels, picture.Channels);
        return picture.Channels == channels ? pixel[channel] : picture.Channels == 1 ? pixel[0] : Luma(pixel);
    }

    /// <summary>ITU-R BT.601, section 2.5.1, in fixed point as the runtime's own reader has it.</summary>
    private static int Luma(ReadOnlySpan<byte> rgb) => ((rgb[0] * 19595) + (rgb[1] * 38470) + (rgb[2] * 7471) + 0x8000) >> 16;
}
