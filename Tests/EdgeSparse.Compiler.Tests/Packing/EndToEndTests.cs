using CsCheck;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Zoo;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Packing;

/// <summary>Packed and run, a network gives what the definitions of its operators give.</summary>
public sealed class EndToEndTests
{
    private static readonly WeightLayout[] Layouts = Enum.GetValues<WeightLayout>();

    [Fact]
    public void Random_networks_give_what_their_operators_define() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[1, 12]).Sample(
            (seed, layers) =>
            {
                Graph graph = RandomNetwork.Create(seed, layers);
                AssertRuns(graph, RandomOptions(graph, seed), seed);
            },
            iter: 300, threads: 1);

    [Fact]
    public void Random_networks_over_all_operators_give_what_those_define() =>
        Gen.Select(Gen.Int[0, 10_000_000], Gen.Int[1, 9]).Sample(
            (seed, layers) =>
            {
                Graph graph = RandomOperators.Create(seed, layers);
                AssertRuns(graph, RandomOptions(graph, seed), seed);
            },
            iter: 500, threads: 1);

    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void The_LeNets_run_for_every_width_of_vectors(int lanes)
    {
        AssertRuns(Pruned(ModelZoo.Create("lenet-300-100", 1), 0.92), new PackOptions { Lanes = lanes }, 5);
        AssertRuns(Pruned(ModelZoo.Create("lenet-5", 1), 0.92), new PackOptions { Lanes = lanes }, 6);
    }

    [Fact]
    public void The_convolutions_of_AlexNet_run_with_their_strides_and_groups_on_a_small_picture()
    {
        Graph whole = ModelZoo.Create("alexnet", 1, new TensorShape(1, 3, 83, 67), 10);
        Graph convolutions = InferenceSimplification.Apply(
            new Graph("alexnet", whole.Inputs, ["pool5"], whole.Nodes, whole.Weights));
        Assert.Equal(5, convolutions.PrunableNodes.Count());
        AssertRuns(Pruned(convolutions, 0.9), new PackOptions { Lanes = 16 }, 7);
    }

    /// <summary>Other lanes for other seeds, and for half of the layers some format that is not chosen by cost.</summary>
    private static PackOptions RandomOptions(Graph graph, int seed)
    {
        Random random = new(seed);
        PackOptions options = new() { Lanes = PackOptions.SupportedLanes[random.Next(3)] };
        foreach (Node node in graph.PrunableNodes.Where(_ => random.Next(2) == 0))
        {
            WeightLayout layout = Layouts[random.Next(Layouts.Length)];
            PackOptions more = options with { Formats = options.Formats.Add(node.Name, layout) };
            options = IsPossible(graph, more) ? more : options;
        }

        return options;
    }

    private static bool IsPossible(Graph graph, PackOptions options)
    {
        try
        {
            Packer.Pack(graph, options);
            return true;
        }
        catch (PackingException e) when (e.Message.Contains("cannot be packed as", StringComparison.Ordinal))
        {
            return false;
        }
    }

    private static Graph Pruned(Graph graph, double sparsity)
    {
        Random random = new(17);
        return graph.WithWeights(graph.PrunableNodes.Select(node =>
        {
            Weight weight = graph.WeightOf(node.PrunableWeight!);
            bool[] mask = new bool[weight.ElementCount];
            for (int i = 0; i < mask.Length; i++)
            {
                mask[i] = random.NextDouble() >= sparsity;
            }

            return weight.With(weight.Values.Span, mask);
        }));
    }

    private static void AssertRuns(Graph graph, PackOptions options, int seed)
    {
        Random random = new(seed);
        float[] input = new float[graph.Inputs[0].Shape.ElementCount];
        for (int i = 0; i < input.Length; i++)
        {
            input[i] = (float)((random.NextDouble() * 2) - 1);
        }

        IReadOnlyList<double[]> expected = GraphEvaluator.Run(
            graph, new Dictionary<string, double[]> { [graph.Inputs[0].Name] = Array.ConvertAll(input, v => (double)v) });
        using Model model = Model.FromBytes(Packer.Pack(graph, options).Bytes.Span);
        using Session session = model.CreateSession();
        session.SetInput(0, input);
        for (int run = 0; run < 2; run++)
        {
            session.Run();
            for (int o = 0; o < graph.Outputs.Length; o++)
            {
                float[] actual = new float[model.Outputs[o].ElementCount];
                session.GetOutput(o, actual);
                AssertClose(expected[o], actual, $"seed {seed}, run {run}, output '{graph.Outputs[o]}'");
            }
        }
    }

    private static void AssertClose(double[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        double scale = Math.Max(1, expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(expected[i] - actual[i]) <= 1e-4 * scale))
            {
                Assert.Fail($"{what}: element {i} is {actual[i]}, not {expected[i]}");
            }
        }
    }
}
