using System.Collections.Immutable;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Training;

/// <summary>Small seeded data sets and networks on which training takes milliseconds.</summary>
internal static class TinyProblem
{
    public static readonly InputScaling NoScaling = new([0f], [1f]);

    /// <summary>Images 1×6×6: class 0 is bright above, class 1 below, class 2 left, with noise.</summary>
    public static Dataset Images(int train = 240, int test = 60) => new(
        "tiny", new TensorShape(1, 6, 6), ["above", "below", "left"], NoScaling, new Blobs(train, 1), new Blobs(test, 2));

    public static TrainingRun Run(TrainingOptions options, int seed = 7) =>
        new() { Data = Images(), Scaling = NoScaling, Options = options, Seed = seed, Threads = 1 };

    /// <summary>36 → 12 → 3 with biases; optionally every third weight of the first layer pruned, or dropout before the last.</summary>
    public static Graph Perceptron(bool masked = false, float dropout = 0)
    {
        Random random = new(5);
        Weight first = Random("fc1.weight", random, 12, 36);
        if (masked)
        {
            first = first.With(first.Values.Span, [.. Enumerable.Range(0, first.ElementCount).Select(i => i % 3 != 0)]);
        }

        Weight[] weights = [first, Zeros("fc1.bias", 12), Random("fc2.weight", random, 3, 12), Zeros("fc2.bias", 3)];
        ImmutableArray<Node> nodes =
        [
            new Flatten("flatten", "input", "flat"),
            new Linear("fc1", "flat", "fc1.out", "fc1.weight", "fc1.bias"),
            new Relu("relu", "fc1.out", "hidden"),
            new Dropout("dropout", "hidden", "dropped", dropout),
            new Linear("fc2", "dropped", "logits", "fc2.weight", "fc2.bias"),
        ];
        return Build("tiny-mlp", nodes, "logits", weights);
    }

    /// <summary>conv 1→4, BatchNorm, pool, fc, softmax.</summary>
    public static Graph Convolutional()
    {
        Random random = new(6);
        Weight[] weights =
        [
            Random("conv.weight", random, 4, 1, 3, 3),
            Filled("bn.scale", 1f, 4), Zeros("bn.shift", 4), Zeros("bn.mean", 4), Filled("bn.variance", 1f, 4),
            Random("fc.weight", random, 3, 36), Zeros("fc.bias", 3),
        ];
        ImmutableArray<Node> nodes =
        [
            new Conv2d("conv", "input", "conv.out", "conv.weight", null, Window2d.Square(3, pad: 1), 1),
            new BatchNorm("bn", "conv.out", "bn.out", "bn.scale", "bn.shift", "bn.mean", "bn.variance", 1e-5f),
            new Relu("relu", "bn.out", "relu.out"),
            new MaxPool("pool", "relu.out", "pool.out", Window2d.Square(2, 2)),
            new Flatten("flatten", "pool.out", "flat"),
            new Linear("fc", "flat", "logits", "fc.weight", "fc.bias"),
            new Softmax("softmax", "logits", "probabilities", 1),
        ];
        return Build("tiny-cnn", nodes, "probabilities", weights);
    }

    /// <summary>conv 1→8 halving the picture, transposed conv 8→2 doubling it again, every activation on the way; half of its weights pruned.</summary>
    public static Graph Upsampling()
    {
        Random random = new(8);
        Weight up = Random("up.weight", random, 8, 2, 2, 2);
        Weight[] weights =
        [
            Random("conv.weight", random, 8, 1, 3, 3), Zeros("conv.bias", 8),
            up.With(up.Values.Span, [.. Enumerable.Range(0, up.ElementCount).Select(i => i % 2 == 0)]), Zeros("up.bias", 2),
            Random("fc.weight", random, 3, 72), Zeros("fc.bias", 3),
        ];
        ImmutableArray<Node> nodes =
        [
            new Conv2d("conv", "input", "conv.out", "conv.weight", "conv.bias", Window2d.Square(3, 2, 1), 1),
            new HardSwish("swish", "conv.out", "swish.out"),
            new LeakyRelu("leaky", "swish.out", "leaky.out", 0.1f),
            new ConvTranspose2d("up", "leaky.out", "up.out", "up.weight", "up.bias", Window2d.Square(2, 2), 1),
            new Clip("relu6", "up.out", "relu6.out", -6, 6),
            new Sigmoid("sigmoid", "relu6.out", "sigmoid.out"),
            new Flatten("flatten", "sigmoid.out", "flat"),
            new Linear("fc", "flat", "logits", "fc.weight", "fc.bias"),
        ];
        return Build("tiny-upsampling", nodes, "logits", weights);
    }

    public static Graph Build(string name, ImmutableArray<Node> nodes, string output, params Weight[] weights) =>
        Build(name, nodes, output, new TensorShape(TensorShape.Symbolic, 1, 6, 6), weights);

    public static Graph Build(string name, ImmutableArray<Node> nodes, string output, TensorShape input, params Weight[] weights) =>
        new(name, [new GraphValue("input", input)], [output], nodes, weights.ToImmutableDictionary(w => w.Name));

    public static Weight Random(string name, Random random, params int[] shape)
    {
        float[] values = new float[new TensorShape(shape).ElementCount];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)((random.NextDouble() - 0.5) * 0.6);
        }

        return new Weight(name, new TensorShape(shape), values);
    }

    public static Weight Zeros(string name, int length) => Filled(name, 0f, length);

    public static Weight Filled(string name, float value, int length)
    {
        float[] values = new float[length];
        Array.Fill(values, value);
        return new Weight(name, new TensorShape(length), values);
    }

    public static Dictionary<string, float[]> ValuesOf(Graph graph) =>
        graph.Weights.ToDictionary(pair => pair.Key, pair => pair.Value.Values.ToArray());

    private sealed class Blobs(int count, int seed) : DataSplit
    {
        public override int Count => count;

        public override int LabelOf(int index) => index % 3;

        public override void Read(int index, Span<float> destination)
        {
            Random random = new((seed * 100_003) + index);
            int label = LabelOf(index);
            for (int i = 0; i < destination.Length; i++)
            {
                (int row, int column) = (i / 6, i % 6);
                bool bright = label switch { 0 => row < 3, 1 => row >= 3, _ => column < 3 };
                destination[i] = (float)((random.NextDouble() * 0.5) + (bright ? 0.5 : 0));
            }
        }
    }
}
