using EdgeSparse.Compiler.Data;
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

    private static SampleBatches Batches(TensorShape shape, InputScaling scaling, float[] sample, int label = 0) =>
        new(new One(sample, label), shape, scaling, 3);

    private static float[] Fill(SampleBatches batches, AugmentationOptions augmentation, int step)
    {
        float[] pixels = new float[batches.SampleElements];
        batches.Fill([0], augmentation, new SeededRandom(1, RandomPurpose.Augmentation, step), pixels, new long[1]);
        return pixels;
    }

    private sealed class One(float[] sample, int label) : DataSplit
    {
        public override int Count => 1;

        public override int LabelOf(int index) => label;

        public override void Read(int index, Span<float> destination) => sample.CopyTo(destination);
    }
}
