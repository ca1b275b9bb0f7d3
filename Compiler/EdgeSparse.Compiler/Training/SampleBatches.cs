using System.Numerics.Tensors;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Data.Pictures;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Training;

/// <summary>
/// Reads samples into batches: as stored, or shifted, cropped and mirrored at random; then scaled.
/// </summary>
internal sealed class SampleBatches
{
    private readonly DataSplit split;
    private readonly TensorShape sampleShape;
    private readonly InputScaling scaling;
    private readonly int elements;
    private readonly int classCount;

    /// <param name="split">Where samples come from.</param>
    /// <param name="sampleShape">channels × rows × columns, or one dimension.</param>
    /// <param name="scaling">One mean and deviation a channel.</param>
    /// <param name="classCount">Labels must be below it.</param>
    /// <exception cref="TrainingException">The scaling does not fit the shape.</exception>
    public SampleBatches(DataSplit split, TensorShape sampleShape, InputScaling scaling, int classCount)
    {
        this.split = split;
        this.sampleShape = sampleShape;
        this.scaling = scaling;
        this.classCount = classCount;
        elements = sampleShape.ElementCount;
        if (elements % scaling.Mean.Length != 0 || (sampleShape.Rank == 3 && scaling.Mean.Length != 1 && scaling.Mean.Length != sampleShape[0]))
        {
            throw new TrainingException($"the input scaling has {scaling.Mean.Length} channels, the samples have the shape {sampleShape}");
        }
    }

    public int SampleElements => elements;

    public int Count => split.Count;

    /// <summary>Whether <c>Fill</c> knows labels; without, it leaves them as they are.</summary>
    public bool IsLabelled => split.IsLabelled;

    /// <summary>Fills a batch with the samples as they are.</summary>
    /// <param name="indices">Which samples.</param>
    /// <param name="pixels">indices × elements.</param>
    /// <param name="labels">As many as indices, or empty where they do not matter.</param>
    public void Fill(ReadOnlySpan<int> indices, Span<float> pixels, Span<long> labels)
    {
        Read(indices, null, pixels);
        for (int i = 0; i < indices.Length; i++)
        {
            Scale(pixels.Slice(i * elements, elements));
            SetLabel(labels, i, indices[i]);
        }
    }

    /// <summary>
    /// Fills a batch with the samples augmented: of pictures a random part, moved, what comes in from outside being black, and mirrored.
    /// </summary>
    public void Fill(ReadOnlySpan<int> indices, AugmentationOptions augmentation, SeededRandom random, Span<float> pixels, Span<long> labels)
    {
        // A pad and random crop is a shift: both come to one displacement.
        int reach = augmentation.Shift + augmentation.CropPadding;
        if (reach == 0 && !augmentation.Flip && augmentation.ResizedCrop is null)
        {
            Fill(indices, pixels, labels);
            return;
        }

        if (sampleShape.Rank != 3)
        {
            throw new TrainingException($"augmentation needs images of channels × rows × columns, got samples of shape {sampleShape}");
        }

        Displacement[] moves = new Displacement[indices.Length];
        Func<int, int, PicturePart>[]? choosers = augmentation.ResizedCrop is null ? null : new Func<int, int, PicturePart>[indices.Length];
        for (int i = 0; i < moves.Length; i++)
        {
            int down = random.Next((2 * reach) + 1) - reach;
            int right = random.Next((2 * reach) + 1) - reach;
            moves[i] = new Displacement(down, right, augmentation.Flip && random.Next(2) == 1);
            if (choosers is not null)
            {
                SeededRandom own = new(0, RandomPurpose.Augmentation, (long)random.NextUInt64());
                choosers[i] = (width, height) => RandomResizedCrop.Choose(width, height, augmentation.ResizedCrop!.Value, own);
            }
        }

        Read(indices, choosers, pixels);
        float[] sample = new float[elements];
        for (int i = 0; i < indices.Length; i++)
        {
            Span<float> target = pixels.Slice(i * elements, elements);
            target.CopyTo(sample);
            Move(sample, target, moves[i]);
            Scale(target);
            SetLabel(labels, i, indices[i]);
        }
    }

    /// <summary>Reads samples or parts of them, several at once where each has to be decoded.</summary>
    private void Read(ReadOnlySpan<int> indices, Func<int, int, PicturePart>[]? choosers, Span<float> pixels)
    {
        if (choosers is not null && !split.HasOriginals)
        {
            throw new TrainingException("resizedCrop needs a folder of pictures, of which random parts can be read; use cropPadding for pictures of one size");
        }

        if (choosers is null && (split is MemorySplit || !split.HasOriginals))
        {
            for (int i = 0; i < indices.Length; i++)
            {
                split.Read(indices[i], pixels.Slice(i * elements, elements));
            }

            return;
        }

        int atOnce = Math.Min(indices.Length, 4 * Environment.ProcessorCount);
        float[] decoded = new float[atOnce * elements];
        for (int start = 0; start < indices.Length; start += atOnce)
        {
            int[] some = [.. indices[start..Math.Min(start + atOnce, indices.Length)]];
            Decode(some, choosers is null ? null : choosers[start..(start + some.Length)], decoded);
            decoded.AsSpan(0, some.Length * elements).CopyTo(pixels[(start * elements)..]);
        }
    }

    private void Decode(int[] indices, Func<int, int, PicturePart>[]? choosers, float[] pixels)
    {
        try
        {
            Parallel.For(0, indices.Length, i =>
            {
                Span<float> target = pixels.AsSpan(i * elements, elements);
                if (choosers is null)
                {
                    split.Read(indices[i], target);
                }
                else
                {
                    split.ReadPart(indices[i], choosers[i], target);
                }
            });
        }
        catch (AggregateException errors)
        {
            // Several pictures may be damaged: the first in their order is told.
            Exception first = errors.InnerExceptions.OrderBy(e => e.Message, StringComparer.Ordinal).First();
            throw first is DataException ? new DataException(first.Message, first) : errors;
        }
    }

    private void SetLabel(Span<long> labels, int i, int index)
    {
        if (IsLabelled && !labels.IsEmpty)
        {
            labels[i] = Label(index);
        }
    }

    private long Label(int index)
    {
        int label = split.LabelOf(index);
        return (uint)label < (uint)classCount
            ? label
            : throw new TrainingException($"sample {index} has the class {label}, but the network has {classCount} classes");
    }

    private void Move(ReadOnlySpan<float> sample, Span<float> target, Displacement move)
    {
        (int down, int right, bool mirrored) = move;
        int rows = sampleShape[1];
        int columns = sampleShape[2];
        target.Clear();
        int width = columns - Math.Abs(right);
        if (width <= 0)
        {
            return;
        }

        int from = Math.Max(0, -right);
        int to = Math.Max(0, right);
        for (int channel = 0; channel < sampleShape[0]; channel++)
        {
            for (int row = Math.Max(0, down); row < Math.Min(rows, rows + down); row++)
            {
                ReadOnlySpan<float> source = sample.Slice((((channel * rows) + row - down) * columns) + from, width);
                Span<float> line = target.Slice(((channel * rows) + row) * columns, columns);
                source.CopyTo(line[to..]);
                if (mirrored)
                {
                    line.Reverse();
                }
            }
        }
    }

    private void Scale(Span<float> sample)
    {
        int channels = scaling.Mean.Length;
        int plane = elements / channels;
        for (int channel = 0; channel < channels; channel++)
        {
            float mean = scaling.Mean[channel];
            float std = scaling.Std[channel];
            if (mean != 0 || std != 1)
            {
                Span<float> values = sample.Slice(channel * plane, plane);
                TensorPrimitives.Subtract(values, mean, values);
                TensorPrimitives.Divide(values, std, values);
            }
        }
    }

    /// <summary>Where a picture goes, in pixels, and whether left becomes right.</summary>
    private readonly record struct Displacement(int Down, int Right, bool IsMirrored);
}
