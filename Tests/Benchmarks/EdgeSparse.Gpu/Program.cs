using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Tests.Packing;
using EdgeSparse.Compiler.Zoo;

// Blobs with code for GPUs: in checks/ networks that together launch every kernel, whose self-tests have what the CPU computes; in
// layers/ single products; in networks/ whole ones.
Argument<string> folder = new("FOLDER") { Description = "written to" };
Option<string> gpu = new("--gpu") { Description = "architecture to compile for; newer devices run it too", DefaultValueFactory = _ => "sm_80" };
RootCommand command = new("Writes blobs for Tests/Benchmarks/gpu.sh.") { folder, gpu };
command.SetAction(arguments =>
{
    string root = arguments.GetRequiredValue(folder);
    string architecture = arguments.GetRequiredValue(gpu);
    long bytes = 0;
    void Write(string place, string name, Graph graph)
    {
        Directory.CreateDirectory(Path.Combine(root, place));
        byte[] blob = SelfTestSection.AddGenerated(Packer.Pack(InferenceSimplification.Apply(graph), new PackOptions { Lanes = 16 }).Bytes.Span);
        blob = DeviceCodeSection.Add(blob, architecture, IProgressSink.Silent).Blob;
        File.WriteAllBytes(Path.Combine(root, place, $"{name}.esb"), blob);
        bytes += blob.Length;
    }

    for (int seed = 0; seed < 40; seed++)
    {
        Write("checks", string.Create(CultureInfo.InvariantCulture, $"operators-{seed:00}"), RandomOperators.Create(seed, 1 + (seed % 9)));
        if (seed < 15)
        {
            Write("checks", string.Create(CultureInfo.InvariantCulture, $"convolutions-{seed:00}"), RandomNetwork.Create(seed, 1 + (seed % 12)));
        }
    }

    foreach (Granularity granularity in Granularity.All)
    {
        string name = granularity.Name.Replace(':', '-');
        Write("checks", $"convolution-{name}", Pruned(Product(96, 64, 14, 14, 3), granularity, 0.2));
        Write("checks", $"linear-{name}", Pruned(Product(512, 256, 0, 0, 1), granularity, 0.2));
    }

    foreach ((int size, int height, int width) in ((int, int, int)[])[(512, 14, 14), (2048, 8, 16), (4096, 16, 16)])
    {
        // The largest one dense would be a sixth of the package.
        foreach (int percent in (int[])(size < 4096 ? [0, 80, 90, 95] : [80, 90, 95]))
        {
            Write("layers", $"{size}x{size}x{height * width}-{percent}", Coarse(Pruned(Product(size, size, height, width, 1), Granularity.Weight, 1 - (percent / 100.0))));
        }
    }

    foreach (string name in (string[])["lenet-300-100", "lenet-5", "mobilenet-v1", "resnet-50"])
    {
        Graph network = ModelZoo.Create(name, 1);
        Write("networks", $"{name}-0", Coarse(network));
        Write("networks", $"{name}-90", Coarse(OneShotPruning.Apply(network, _ => (Granularity.Weight, 0.1))));
    }

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB of blobs"));
    return 0;
});
return command.Parse(args).Invoke();

// A convolution of a square kernel, or without a map a fully connected layer.
static Graph Product(int inputs, int outputs, int height, int width, int kernel)
{
    Random random = new(20151);
    bool isLinear = height == 0;
    TensorShape shape = isLinear ? new TensorShape(outputs, inputs) : new TensorShape(outputs, inputs, kernel, kernel);
    float[] values = [.. Enumerable.Range(0, shape.ElementCount).Select(_ => (random.NextSingle() - 0.5f) / MathF.Sqrt(inputs * kernel * kernel))];
    return new Graph(
        "layer", [new GraphValue("input", isLinear ? new TensorShape(1, inputs) : new TensorShape(1, inputs, height, width))], ["output"],
        [
            isLinear
                ? new Linear("layer", "input", "output", "weight", null)
                : new Conv2d("layer", "input", "output", "weight", null, Window2d.Square(kernel, pad: kernel / 2), 1),
        ],
        ImmutableDictionary<string, Weight>.Empty.Add("weight", new Weight("weight", shape, values)));
}

static Graph Pruned(Graph graph, Granularity granularity, double density) =>
    granularity == Granularity.Weight && density == 1 ? graph : OneShotPruning.Apply(graph, _ => (granularity, density));

// The same network with weights of which a compressed package has a few bits each; no speed depends on their values.
static Graph Coarse(Graph graph) => graph.WithWeights(graph.Weights.Values.Where(w => w.Shape.Rank >= 2).Select(w =>
{
    float[] values = w.Values.ToArray();
    Coarsen(values);
    return w.With(values);
}));

// Each to the middle of one of four steps; none becomes zero, and what was pruned stays so.
static void Coarsen(Span<float> values)
{
    float step = 0f;
    foreach (float value in values)
    {
        step = Math.Max(step, Math.Abs(value) / 2);
    }

    foreach (ref float value in values)
    {
        value = value == 0 ? 0 : (MathF.Min(MathF.Floor(Math.Abs(value) / step), 1) + 0.5f) * step * (value < 0 ? -1 : 1);
    }
}
