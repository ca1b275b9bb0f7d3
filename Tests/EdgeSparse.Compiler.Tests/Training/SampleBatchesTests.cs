using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Data.Pictures;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Training;

public sealed class SampleBatchesTests
{
    [Fact]
    public void Scaling_subtracts_the_mean_and_divides_by_the_deviation_of_each_channel()
    {
        SampleBatches batches = Batches(new TensorShape(2, 1, 2), new InputScaling([0.5f, 0f], [2f, 0.5f]), [1f, 3f, 1f, 3f]);
        Assert.Equal([0.25f, 1.25f, 2f, 6f], Fill(batches, new AugmentationOptions(), 0));
    }

    [Fact]
    public void A_shift_moves_the_picture_and_fills_with_black_before_scaling()
    {
        // The only bright pixel of 3×3 is in the middle; black is −1 after scaling.
        SampleBatches batches = Batches(new TensorShape(1, 3, 3), new InputScaling([0.5f], [0.5f]), [0, 0, 0, 0, 1, 0, 0, 0, 0]);
        HashSet<int> places = [];
        for (int step = 0; step < 200; step++)
        {
            float[] moved = Fill(batches, new AugmentationOptions { Shift = 1 }, step);
            places.Add(Array.IndexOf(moved, 1f));
            Assert.Equal(8, moved.Count(v => v == -1f));
        }

        Assert.Equal(Enumerable.Range(0, 9), places.Order());
    }

    [Fact]
    public void A_flip_mirrors_columns_half_of_the_time()
    {
        SampleBatches batches = Batches(new TensorShape(1, 2, 3), TinyProblem.NoScaling, [1, 2, 3, 4, 5, 6]);
        float[][] seen = [.. Enumerable.Range(0, 400).Select(step => Fill(batches, new AugmentationOptions { Flip = true }, step))];
        Assert.InRange(seen.Count(s => s.SequenceEqual([3f, 2f, 1f, 6f, 5f, 4f])), 150, 250);
        Assert.All(seen, s => Assert.True(s[0] == 1f || s.SequenceEqual([3f, 2f, 1f, 6f, 5f, 4f])));
    }

    [Fact]
    public void A_label_beyond_the_classes_is_refused()
    {
        SampleBatches batches = Batches(new TensorShape(1), TinyProblem.NoScaling, [1f], label: 3);
        Assert.Equal(
            "sample 0 has the class 3, but the network has 3 classes",
            Assert.Throws<TrainingException>(() => Fill(batches, new AugmentationOptions(), 0)).Message);
    }

    [Fact]
    public void Augmentation_of_vectors_is_refused()
    {
        SampleBatches batches = Batches(new TensorShape(4), TinyProblem.NoScaling, [1f, 2f, 3f, 4f]);
        Assert.Throws<TrainingException>(() => Fill(batches, new AugmentationOptions { Shift = 1 }, 0));
    }

    [Fact]
    public void Random_parts_are_another_every_step_the_same_for_the_same_step_and_mirrored_half_of_the_time()
    {
        // A ramp from left to right: the two corners of a row tell the part's place, and which of them is brighter the mirror.
        SampleBatches batches = new(new Ramp(), new TensorShape(1, 1, 2), TinyProblem.NoScaling, 3);
        AugmentationOptions augmentation = new() { ResizedCrop = 0.25, Flip = true };
        HashSet<(float, float)> seen = [];
        int mirrored = 0;
        for (int step = 0; step < 200; step++)
        {
            float[] pixels = new float[6];
            long[] labels = new long[3];
            batches.Fill([0, 1, 2], augmentation, new SeededRandom(1, RandomPurpose.Augmentation, step), pixels, labels);
            float[] again = new float[6];
            batches.Fill([0, 1, 2], augmentation, new SeededRandom(1, RandomPurpose.Augmentation, step), again, labels);
            Assert.Equal(pixels, again);
            Assert.Equal([0, 1, 2], labels);
            mirrored += pixels[0] > pixels[1] ? 1 : 0;
            Assert.All(pixels.Chunk(2), pair => seen.Add((pair.Min(), pair.Max())));
        }

        Assert.InRange(mirrored, 75, 125);
        Assert.InRange(seen.Count, 580, 600);
    }

    [Fact]
    public void Random_parts_of_what_is_no_folder_of_pictures_are_refused()
    {
        SampleBatches batches = Batches(new TensorShape(1, 2, 2), TinyProblem.NoScaling, [1, 2, 3, 4]);
        Assert.StartsWith(
            "resizedCrop needs a folder of pictures",
            Assert.Throws<TrainingException>(() => Fill(batches, new AugmentationOptions { ResizedCrop = 0.08 }, 0)).Message,
            StringComparison.Ordinal);
    }

    private static SampleBatches Batches(TensorShape shape, InputScaling scaling, float[] sample, int label = 0) =>
        new(new One(sample, label), shape, scaling, 3);

    private static float[] Fill(SampleBatches batches, AugmentationOptions augmentation, int step)
    {
        float[] pixels = new float[batches.SampleElements];
        batches.Fill([0], augmentation, new SeededRandom(1, RandomPurpose.Augmentation, step), pixels, new long[1]);
        return pixels;
    }

    /// <summary>Three pictures of 10,000 × 5,000 pixels that are as bright as their column's number; a part gives its first and last column.</summary>
    private sealed class Ramp : DataSplit
    {
        public override int Count => 3;

        public override bool HasOriginals => true;

        public override int LabelOf(int index) => index;

        public override void Read(int index, Span<float> destination) => throw new InvalidOperationException("only parts are read");

        public override void ReadPart(int index, Func<int, int, PicturePart> choose, Span<float> destination)
        {
            PicturePart part = choose(10_000, 5_000);
            (destination[0], destination[1]) = (part.Left, part.Left + part.Width);
        }
    }

    private sealed class One(float[] sample, int label) : DataSplit
    {
        public override int Count => 1;

        public override int LabelOf(int index) => label;

        public override void Read(int index, Span<float> destination) => sample.CopyTo(destination);
    }
}
