using BenchmarkDotNet.Attributes;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Kernels;

/// <summary>One call of one kernel, on one thread, its input and output where they lie in a session.</summary>
public unsafe class KernelBenchmarks : IDisposable
{
    private Model? model;
    private NativeArena? memory;
    private Step* step;

    /// <summary>The kernel, the layer and its weights.</summary>
    [ParamsSource(nameof(Cases))]
    public KernelCase Case { get; set; } = null!;

    /// <summary>Every kernel of this machine's table that has a weight, for some layers and sparsities.</summary>
    public static IEnumerable<KernelCase> Cases => KernelCase.All();

    /// <summary>Packs a network of the layer alone and makes its steps.</summary>
    /// <exception cref="EdgeSparseException">The network runs with another kernel.</exception>
    [GlobalSetup]
    public void SetUp()
    {
        Graph graph = Case.ToGraph();
        PackOptions options = new() { Lanes = Case.Lanes };
        options = options with { Formats = options.Formats.SetItem(KernelCase.LayerName, Case.Layout) };
        model = Model.FromBytes(Packer.Pack(graph, options).Bytes.Span, Case.Set);
        int layer = Array.FindIndex([.. model.Layers], l => l.Name == KernelCase.LayerName && l.Rows > 0);
        if (model.Kernels[layer].Name != Case.Kernel)
        {
            throw new EdgeSparseException($"the layer runs with {model.Kernels[layer].Name}, not with {Case.Kernel}");
        }

        memory = new NativeArena();
        float* arena = (float*)memory.Allocate(model.ArenaBytes);
        Random random = new(1);
        foreach (ref float value in new Span<float>(arena, (int)(model.ArenaBytes / sizeof(float))))
        {
            value = random.NextSingle() + 0.01f;
        }

        step = PlanBuilder.Build(model, arena, memory, workers: 1, out _);
        while (step->Layer != layer)
        {
            step++;
        }
    }

    /// <summary>The call.</summary>
    [Benchmark]
    public void Run() => step->Kernel(step, 0, 1);

    /// <summary>Gives the memory back.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        memory?.Dispose();
        model?.Dispose();
        GC.SuppressFinalize(this);
    }
}
