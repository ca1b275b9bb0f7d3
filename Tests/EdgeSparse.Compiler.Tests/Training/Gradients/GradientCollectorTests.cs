using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Training.Gradients;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Training.Gradients;

public sealed class GradientCollectorTests
{
    private static readonly TrainingRun Run = TinyProblem.Run(new TrainingOptions());

    public static TheoryData<string> Networks => ["perceptron", "convolutional", "upsampling", "strided"];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Gradients_of_single_samples_have_the_gradient_of_the_batch_as_their_mean(string name)
    {
        Graph graph = Network(name);
        Collected single = Collect(graph, new GradientDraw(20, 1, Round: 3));
        Collected fours = Collect(graph, new GradientDraw(5, 4, Round: 3));
        Collected whole = Collect(graph, new GradientDraw(1, 20, Round: 3));
        Assert.All(single.Rows.Values, g => Assert.Equal(20, g.Length));
        foreach ((string weight, float[][] rows) in single.Rows)
        {
            Close(whole.Rows[weight][0], Mean(rows));
            Close(Mean(rows[8..12]), fours.Rows[weight][2]);
        }

        Assert.Equal(20, single.Summary.Samples);
        Assert.Equal(whole.Summary.Loss, single.Summary.Loss, 1e-5);
        Assert.Equal(whole.Summary.Error, single.Summary.Error);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void The_mean_over_the_training_set_is_the_slope_of_its_loss(string name)
    {
        Graph graph = Network(name);
        Collected whole = Collect(graph, new GradientDraw(60, 4, Round: 0));
        foreach ((string weight, float[][] rows) in whole.Rows)
        {
            float[] mean = Mean(rows);
            int place = Array.IndexOf(mean, mean.MaxBy(m => MathF.Abs(m)));
            double slope = (LossWith(graph, weight, place, 4e-3f) - LossWith(graph, weight, place, -4e-3f)) / 8e-3;
            Assert.Equal(slope, mean[place], Math.Max(1e-4, Math.Abs(slope) * 0.02));
        }
    }

    [Fact]
    public void Pruned_weights_have_no_gradient()
    {
        Graph graph = TinyProblem.Perceptron(masked: true);
        float[][] rows = Collect(graph, new GradientDraw(16, 1, 0)).Rows["fc1.weight"];
        ReadOnlySpan<bool> mask = graph.WeightOf("fc1.weight").Mask!.Value.Span;
        for (int i = 0; i < mask.Length; i++)
        {
            if (!mask[i])
            {
                Assert.All(rows, r => Assert.Equal(0f, r[i]));
            }
        }

        Assert.Contains(rows, r => r.Any(g => g != 0));
    }

    [Fact]
    public void A_samples_gradient_does_not_depend_on_the_samples_beside_it()
    {
        Graph graph = TinyProblem.Convolutional();
        float[] alone = Collect(graph, new GradientDraw(1, 1, 0)).Rows["conv.weight"][0];
        float[] among = Collect(graph, new GradientDraw(40, 1, 0)).Rows["conv.weight"][0];
        Close(alone, among);
    }

    [Fact]
    public void Rounds_draw_other_samples_and_the_same_round_the_same()
    {
        Graph graph = TinyProblem.Perceptron();
        float[] first = Collect(graph, new GradientDraw(4, 1, 0)).Rows["fc2.weight"][0];
        Assert.Equal(first, Collect(graph, new GradientDraw(4, 1, 0)).Rows["fc2.weight"][0]);
        Assert.NotEqual(first, Collect(graph, new GradientDraw(4, 1, 1)).Rows["fc2.weight"][0]);
    }

    [Fact]
    public void Augmented_samples_have_other_gradients_and_the_same_draw_the_same()
    {
        Graph graph = TinyProblem.Convolutional();
        float[] Of(AugmentationOptions? augmentation, int mean) =>
            Collect(graph, new GradientDraw(4, mean, 0, Augmentation: augmentation)).Rows["conv.weight"][0];
        AugmentationOptions moved = new() { CropPadding = 1, Flip = true };
        foreach (int mean in (int[])[1, 6])
        {
            Assert.Equal(Of(null, mean), Of(new AugmentationOptions(), mean));
            Assert.NotEqual(Of(null, mean), Of(moved, mean));
            Assert.Equal(Of(moved, mean), Of(moved, mean));
        }
    }

    [Fact]
    public void More_samples_than_there_are_is_refused() => Assert.Equal(
        "61 gradients of 4 samples each need 244 samples, and 'tiny' has 240 to train on; lower gradients or gradientBatch",
        Assert.Throws<TrainingException>(() => Collect(TinyProblem.Perceptron(), new GradientDraw(61, 4, 0))).Message);

    // The gradient at the logits is softmax minus label: with labels drawn from the softmax its mean over many draws is 0.
    [Fact]
    public void Sampled_labels_give_gradients_whose_mean_tends_to_zero()
    {
        Graph graph = TinyProblem.Perceptron();
        double empirical = Norm(Mean(Collect(graph, new GradientDraw(240, 1, 0)).Rows["fc2.weight"]));
        double[][] sampled = [.. Enumerable.Range(0, 12).Select(round =>
            Mean(Collect(graph, new GradientDraw(240, 1, round, SampledLabels: true)).Rows["fc2.weight"]).Select(g => (double)g).ToArray())];
        double[] mean = [.. Enumerable.Range(0, sampled[0].Length).Select(i => sampled.Average(s => s[i]))];
        Assert.InRange(Math.Sqrt(mean.Sum(m => m * m)) / empirical, 0, 0.25);
        Assert.Equal(
            Collect(graph, new GradientDraw(8, 1, 5, true)).Rows["fc1.weight"][7], Collect(graph, new GradientDraw(8, 1, 5, true)).Rows["fc1.weight"][7]);
    }

    // At the logits: (softmax(z/T) − label)/T. As hot as this, the softmax is 1/3 everywhere: −2/3 for the label, 1/3 for the others.
    [Fact]
    public void A_temperature_makes_the_networks_own_labels_uncertain()
    {
        float[][] rows = Collect(TinyProblem.Perceptron(), new GradientDraw(20, 1, 0, SampledLabels: true, Temperature: 1000)).Rows["fc2.weight"];
        foreach (float[] g in rows)
        {
            double[] sums = [.. g.Chunk(12).Select(unit => unit.Sum(x => (double)x)).OrderBy(Math.Abs)];
            Assert.Equal(-0.5, sums[0] / sums[2], 1e-2);
            Assert.Equal(-0.5, sums[1] / sums[2], 1e-2);
        }
    }

    [Fact]
    public void Without_labels_the_dense_network_is_learnt_and_is_where_its_own_gradient_vanishes()
    {
        Graph graph = TinyProblem.Perceptron();
        TrainingRun unlabelled = Run with { Data = TinyProblem.Images().WithoutLabels(), Teacher = graph };
        Collected same = Collect(graph, new GradientDraw(10, 1, 0), unlabelled);
        Assert.All(same.Rows.Values.SelectMany(rows => rows).SelectMany(g => g), g => Assert.Equal(0f, g, 1e-6f));
        Assert.Equal(0, same.Summary.Error);

        Graph other = graph.WithWeights([TinyProblem.Random("fc2.weight", new Random(9), 3, 12)]);
        Assert.InRange(Norm(Mean(Collect(other, new GradientDraw(10, 1, 0), unlabelled).Rows["fc2.weight"])), 1e-3, 10);
        Assert.Equal(
            "the samples of 'tiny' have no labels, and there is no dense network to compare with",
            Assert.Throws<TrainingException>(() => Collect(graph, new GradientDraw(1, 1, 0), unlabelled with { Teacher = null })).Message);
    }

    // Of one sample through a fully connected layer G = s·aᵀ, so G_ik·G_jl = S_ij·A_kl.
    [Fact]
    public void Kronecker_factors_of_one_sample_multiply_to_its_gradients_square()
    {
        Graph graph = TinyProblem.Perceptron();
        float[] g = Collect(graph, new GradientDraw(1, 1, 2)).Rows["fc2.weight"][0];
        using DisposeScope scope = NewDisposeScope();
        using GradientCollector collector = new(graph, Run, ["fc2.weight"]);
        (Tensor a, Tensor s) = collector.CollectMoments(new GradientDraw(1, 1, 2), IProgressSink.Silent, TestContext.Current.CancellationToken).Factors[0];
        Assert.Equal((12L, 3L), (a.shape[0], s.shape[0]));
        foreach ((int i, int j, int k, int l) in new[] { (0, 0, 0, 0), (0, 1, 3, 5), (2, 1, 11, 4), (2, 2, 7, 7) })
        {
            Assert.Equal(g[(i * 12) + k] * (double)g[(j * 12) + l], s[i, j].item<double>() * a[k, l].item<double>(), 1e-8);
        }
    }

    private static Graph Network(string name) => name switch
    {
        "perceptron" => TinyProblem.Perceptron(masked: true),
        "convolutional" => TinyProblem.Convolutional(),
        "upsampling" => TinyProblem.Upsampling(),

        // Groups, strides, dilation, uneven padding, and 1×1: 6×6 → 3×3 → 3×3 → 3×3.
        _ => new GraphBuilder(new TensorShape(TensorShape.Symbolic, 1, 6, 6), seed: 4)
            .Conv("first", 4, new Window2d(3, 3, 2, 2, 1, 1, 1, 1, 1, 1)).Sigmoid("s1")
            .Conv("second", 6, new Window2d(3, 3, 1, 1, 2, 2, 2, 2, 2, 2), groups: 2).Sigmoid("s2")
            .Conv("third", 2, Window2d.Square(1), bias: false).Sigmoid("s3")
            .Flatten("flat").Linear("fc", 3).Build(),
    };

    private static Collected Collect(Graph graph, GradientDraw draw, TrainingRun? run = null)
    {
        string[] weights = [.. graph.PrunableNodes.Select(n => n.PrunableWeight!)];
        Dictionary<string, List<float[]>> rows = weights.ToDictionary(w => w, _ => new List<float[]>());
        using GradientCollector collector = new(graph, run ?? Run, weights);
        GradientSummary summary = collector.Collect(
            draw,
            gradients =>
            {
                foreach ((string weight, Tensor panel) in weights.Zip(gradients))
                {
                    rows[weight].AddRange(panel.cpu().contiguous().data<float>().ToArray().Chunk((int)panel.shape[1]));
                }
            },
            IProgressSink.Silent,
            TestContext.Current.CancellationToken);
        return new Collected(rows.ToDictionary(r => r.Key, r => r.Value.ToArray()), summary);
    }

    private static double LossWith(Graph graph, string weight, int place, float change)
    {
        Weight old = graph.WeightOf(weight);
        float[] values = old.Values.ToArray();
        values[place] += change;
        Graph moved = graph.WithWeights([old.With(values)]);
        return Evaluator.Evaluate(moved, Run.Data.Train, Run.Scaling).Loss;
    }

    private static float[] Mean(float[][] rows) => [.. Enumerable.Range(0, rows[0].Length).Select(i => (float)rows.Average(r => (double)r[i]))];

    private static double Norm(float[] values) => Math.Sqrt(values.Sum(v => (double)v * v));

    private static void Close(float[] expected, float[] actual)
    {
        float tolerance = 1e-4f * Math.Max(1e-3f, expected.Max(e => MathF.Abs(e)));
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, tolerance));
    }

    private sealed record Collected(Dictionary<string, float[][]> Rows, GradientSummary Summary);
}
