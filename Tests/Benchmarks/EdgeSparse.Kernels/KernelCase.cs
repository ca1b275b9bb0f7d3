using System.Collections.Immutable;
using System.Globalization;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Kernels;

/// <summary>A kernel of the table and a layer for it.</summary>
public sealed class KernelCase
{
    /// <summary>The name of the layer's node.</summary>
    public const string LayerName = "layer";

    private const int Seed = 20151;
    private readonly LayerShape shape;
    private readonly double density;

    private KernelCase(in Kernel kernel, LayerShape shape, double density)
    {
        Kernel = kernel.Name;
        Set = kernel.Set;
        Layout = LayoutOf(in kernel);
        this.shape = shape;
        this.density = density;
    }

    /// <summary>The kernel's name: operation, weight format, tile, instruction set.</summary>
    public string Kernel { get; }

    /// <summary>Vector lanes that the blob is packed for.</summary>
    public int Lanes => Set switch
    {
        InstructionSet.Avx512 => 16,
        InstructionSet.Avx2 => 8,
        _ => 4,
    };

    internal InstructionSet Set { get; }

    internal WeightLayout Layout { get; }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Kernel} {shape} {(1 - density) * 100:0.#}%");

    internal static IEnumerable<KernelCase> All()
    {
        List<KernelCase> cases = [];
        foreach (Kernel kernel in KernelTable.For(Hardware.Best))
        {
            if (kernel.Format != 0)
            {
                cases.AddRange(
                    from shape in LayerShape.For(in kernel)
                    from density in DensitiesOf(in kernel)
                    select new KernelCase(in kernel, shape, density));
            }
        }

        return cases;
    }

    /// <summary>A network of the layer alone, its seeded weights pruned as the format asks for.</summary>
    internal Graph ToGraph()
    {
        Random random = new(Seed);
        float[] values = new float[shape.Weight.ElementCount];
        foreach (ref float value in values.AsSpan())
        {
            value = random.NextSingle() - 0.5f;
        }

        Node node = shape.Size == 0
            ? new Linear(LayerName, "input", "output", "weight", null)
            : new Conv2d(LayerName, "input", "output", "weight", null, Window2d.Square(shape.Kernel, pad: shape.Kernel / 2), shape.Groups);
        Graph graph = new(
            LayerName, [new GraphValue("input", shape.Input)], ["output"], [node],
            ImmutableDictionary<string, Weight>.Empty.Add("weight", new Weight("weight", shape.Weight, values)));
        return density == 1 ? graph : OneShotPruning.Apply(graph, _ => (GranularityOf(Layout), density));
    }

    private static double[] DensitiesOf(in Kernel kernel) => kernel.Format switch
    {
        WeightFormat.Dense or WeightFormat.Depthwise => [1],
        WeightFormat.NofM => [0.5],
        _ => [0.2, 0.1],
    };

    private static WeightLayout LayoutOf(in Kernel kernel) => (kernel.Format, kernel.BlockRows, kernel.BlockColumns) switch
    {
        (WeightFormat.Dense, _, _) => WeightLayout.Dense,
        (WeightFormat.Csr16 or WeightFormat.Csr32, _, _) => WeightLayout.Csr,
        (WeightFormat.CsrDelta8, _, _) => WeightLayout.CsrDelta8,
        (WeightFormat.Depthwise, _, _) => WeightLayout.Depthwise,
        (WeightFormat.SlicedEll, _, _) => WeightLayout.SlicedEll,
        (WeightFormat.Csc16, _, _) => WeightLayout.Csc,
        (WeightFormat.NofM, 2, _) => WeightLayout.TwoOfFour,
        (WeightFormat.NofM, _, _) => WeightLayout.FourOfEight,
        (_, int rows, int columns) => WeightLayouts.Parse($"bsr-{rows}x{columns}"),
    };

    private static Granularity GranularityOf(WeightLayout layout)
    {
        string name = WeightLayouts.NameOf(layout);
        return Granularity.Find(name.StartsWith("bsr-", StringComparison.Ordinal) ? name[4..] : name) ?? Granularity.Weight;
    }
}
