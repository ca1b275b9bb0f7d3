using System.Numerics.Tensors;
using System.Security.Cryptography;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Data.Synthetic;

namespace EdgeSparse.Compiler.Tests.Data.Synthetic;

public sealed class SyntheticDigitsTests
{
    private const int Pixels = 28 * 28;

    [Fact]
    public void The_default_set_has_the_size_and_shape_of_MNIST()
    {
        Dataset set = DatasetCatalog.Open("synthetic-digits", new DataLocations());
        Assert.Equal("1×28×28", set.SampleShape.ToString());
        Assert.Equal((60000, 10000), (set.Train.Count, set.Test.Count));
        Assert.Equal([0f], set.Scaling.Mean);
        Assert.Equal([1f], set.Scaling.Std);
    }

    [Fact]
    public void The_bytes_are_the_same_on_every_machine()
    {
        Dataset set = SyntheticDigits.Create(seed: 1, train: 200, test: 100);
        Assert.Equal("0a3ebff219f577b0", Digest(set.Train));
        Assert.Equal("77e9b845212e4f9e", Digest(set.Test));
    }

    [Fact]
    public void A_sample_depends_on_seed_and_index_alone()
    {
        Dataset small = SyntheticDigits.Create(seed: 7, train: 10, test: 10);
        Dataset large = SyntheticDigits.Create(seed: 7, train: 300, test: 10);
        Dataset other = SyntheticDigits.Create(seed: 8, train: 10, test: 10);
        Assert.Equal(Digest(small.Train), Digest(large.Train.Take(10)));
        Assert.NotEqual(Digest(small.Train), Digest(other.Train));
        Assert.NotEqual(Digest(small.Train), Digest(small.Test));
    }

    [Fact]
    public void Every_digit_gets_about_a_tenth_and_most_of_the_paper_stays_white()
    {
        Dataset set = SyntheticDigits.Create(train: 5000, test: 1);
        int[] ofDigit = new int[10];
        long ink = 0;
        float[] sample = new float[Pixels];
        for (int i = 0; i < set.Train.Count; i++)
        {
            ofDigit[set.Train.LabelOf(i)]++;
            set.Train.Read(i, sample);
            ink += sample.Count(value => value > 0);
        }

        Assert.All(ofDigit, count => Assert.InRange(count, 420, 580));
        Assert.InRange(ink / (5000.0 * Pixels), 0.15, 0.25);
    }

    [Fact]
    public void A_linear_classifier_stays_below_95_percent()
    {
        Dataset set = SyntheticDigits.Create(train: 20000, test: 4000);
        float[] weights = new float[10 * (Pixels + 1)];
        float[] sample = new float[Pixels + 1];
        sample[Pixels] = 1f;
        float[] scores = new float[10];
        for (int step = 0; step < 5 * set.Train.Count; step++)
        {
            int i = step % set.Train.Count;
            set.Train.Read(i, sample.AsSpan(0, Pixels));
            Score(weights, sample, scores);
            TensorPrimitives.SoftMax(scores, scores);
            scores[set.Train.LabelOf(i)] -= 1f;
            float rate = -0.02f / (1 + (step / set.Train.Count));
            for (int c = 0; c < 10; c++)
            {
                Span<float> row = weights.AsSpan(c * sample.Length, sample.Length);
                TensorPrimitives.MultiplyAdd(sample, rate * scores[c], row, row);
            }
        }

        int right = 0;
        for (int i = 0; i < set.Test.Count; i++)
        {
            set.Test.Read(i, sample.AsSpan(0, Pixels));
            Score(weights, sample, scores);
            right += TensorPrimitives.IndexOfMax<float>(scores) == set.Test.LabelOf(i) ? 1 : 0;
        }

        // Not below 80 either: a classifier that did not learn would prove nothing.
        Assert.InRange(right / (double)set.Test.Count, 0.80, 0.95);
    }

    private static void Score(float[] weights, float[] sample, float[] scores)
    {
        for (int c = 0; c < scores.Length; c++)
        {
            scores[c] = TensorPrimitives.Dot<float>(sample, weights.AsSpan(c * sample.Length, sample.Length));
        }
    }

    private static string Digest(DataSplit split)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        float[] sample = new float[Pixels];
        for (int i = 0; i < split.Count; i++)
        {
            split.Read(i, sample);
            hash.AppendData([(byte)split.LabelOf(i), .. sample.Select(value => (byte)MathF.Round(value * 255f))]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
