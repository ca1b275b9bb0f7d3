using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Tests;
using EdgeSparse.Compiler.Tests.Packing;
using EdgeSparse.Compiler.Zoo;

namespace EdgeSparse.Runtime.Gpu.Tests;

/// <summary>Whole networks on the accelerator against the same blobs on the CPU.</summary>
public sealed class NetworkTests
{
    [Fact]
    public void Random_networks_of_convolutions_give_what_the_CPU_gives()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            AssertSame(RandomNetwork.Create(seed, 1 + (seed % 12)), seed, batch: 1 + (seed % 3));
        }
    }

    [Fact]
    public void Random_networks_over_all_operators_give_what_the_CPU_gives()
    {
        for (int seed = 0; seed < 150; seed++)
        {
            AssertSame(RandomOperators.Create(seed, 1 + (seed % 9)), seed, batch: 1 + (seed % 2));
        }
    }

    [Theory]
    [InlineData("lenet-300-100", 3)]
    [InlineData("lenet-5", 2)]
    [InlineData("resnet-20", 1)]
    public void Networks_of_the_zoo_give_what_the_CPU_gives(string name, int batch) => AssertSame(Pruned(ModelZoo.Create(name, 1)), 1, batch);

    [Theory]
    [InlineData("mnist-cntk/mnist.onnx")]
    [InlineData("iris-mlp/Network.onnx")]
    [InlineData("cifar10-convnet/ImageClassifier.onnx")]
    public void Networks_that_others_trained_give_what_the_CPU_gives(string file) =>
        AssertSame(OnnxImporter.Read(SharedModels.Path(file)), 1, 1);

    private static Graph Pruned(Graph graph)
    {
        Random random = new(17);
        return graph.WithWeights(graph.PrunableNodes.Select(node =>
        {
            Weight weight = graph.WeightOf(node.PrunableWeight!);
            return weight.With(weight.Values.Span, [.. Enumerable.Range(0, weight.ElementCount).Select(_ => random.NextDouble() >= 0.9)]);
        }));
    }

    /// <summary>Outputs within 10⁻⁴ of the largest, for each sample of a batch.</summary>
    private static void AssertSame(Graph graph, int seed, int batch)
    {
        Random random = new(seed);
        PackOptions options = new() { Lanes = PackOptions.SupportedLanes[random.Next(3)] };
        using Model model = Model.FromBytes(Packer.Pack(graph, options).Bytes.Span);
        using Session cpu = model.CreateSession();
        lock (TestAccelerator.Shared)
        {
            using var gpu = new GpuSession(model, TestAccelerator.Shared, TestAccelerator.GroupThreads, batch);
            float[][] inputs = [.. model.Inputs.Select(i => Values(random, i.ElementCount * batch))];
            for (int i = 0; i < inputs.Length; i++)
            {
                gpu.SetInput(i, inputs[i]);
            }

            gpu.Run();
            for (int sample = 0; sample < batch; sample++)
            {
                for (int i = 0; i < inputs.Length; i++)
                {
                    int count = model.Inputs[i].ElementCount;
                    cpu.SetInput(i, inputs[i].AsSpan(sample * count, count));
                }

                cpu.Run();
                for (int o = 0; o < model.Outputs.Count; o++)
                {
                    int count = model.Outputs[o].ElementCount;
                    float[] expected = new float[count];
                    float[] actual = new float[count * batch];
                    cpu.GetOutput(o, expected);
                    gpu.GetOutput(o, actual);
                    AssertClose(expected, actual.AsSpan(sample * count, count), $"seed {seed}, sample {sample} of {batch}, output {o}");
                }
            }
        }
    }

    private static void AssertClose(float[] expected, ReadOnlySpan<float> actual, string what)
    {
        double scale = Math.Max(1, expected.Max(MathF.Abs));
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(expected[i] - actual[i]) <= 1e-4 * scale))
            {
                Assert.Fail($"{what}: element {i} is {actual[i]}, not {expected[i]}");
            }
        }
    }

    private static float[] Values(Random random, int count)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (random.NextSingle() * 2) - 1;
        }

        return values;
    }
}
