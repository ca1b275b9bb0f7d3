using System.Diagnostics;
using System.Globalization;
using EdgeSparse.Compiler.Pruning.Curvature;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Curvature;

/// <summary>How long it takes to invert the curvature of ResNet-20's 3×3 convolutions, with random gradients.</summary>
internal static class SpeedTable
{
    // The eighteen convolutions of the three stages: inputs × outputs × 9.
    private static readonly long[] Layers =
    [
        .. Enumerable.Repeat(16L * 16 * 9, 6), 16 * 32 * 9, .. Enumerable.Repeat(32L * 32 * 9, 5), 32 * 64 * 9, .. Enumerable.Repeat(64L * 64 * 9, 5),
    ];

    public static void Print(int samples)
    {
        Console.WriteLine($"{Layers.Sum()} weights in {Layers.Length} layers, N = {samples}, {get_num_threads()} threads");
        Console.WriteLine("| form | blocks | inverse s | diagonal s | exact update of half s | memory planned MiB |");
        Console.WriteLine("|---|---|---|---|---|---|");
        Measure("dense", Layers, samples, new FisherOptions(BlockSize: 1000, Form: CurvatureForm.Dense));
        Measure("dense", Layers, samples, new FisherOptions(BlockSize: 50, Form: CurvatureForm.Dense));
        Measure("factored (M-FAC)", Layers, samples, new FisherOptions(Form: CurvatureForm.Factored));
        Measure("dual", Layers, samples, new FisherOptions(Form: CurvatureForm.Dual));
        Measure("factored (M-FAC)", [36864], samples, new FisherOptions(Form: CurvatureForm.Factored));
        Measure("dual", [36864], samples, new FisherOptions(Form: CurvatureForm.Dual));
        Greedy([36864], samples, 1000);
    }

    private static void Measure(string name, long[] layers, int samples, FisherOptions options)
    {
        (double build, double diagonal, double update, long planned) = (0, 0, 0, 0);
        foreach (long count in layers)
        {
            using DisposeScope scope = NewDisposeScope();
            using Generator generator = new(1);
            Tensor gradients = randn([samples, count], ScalarType.Float32, generator: generator) * 1e-2f;
            Tensor weights = randn([count], ScalarType.Float32, generator: generator);
            Stopwatch watch = Stopwatch.StartNew();
            using IInverseCurvature inverse = InverseCurvatures.Fisher(gradients, options);
            build += watch.Elapsed.TotalSeconds;
            watch.Restart();
            Tensor statistic = SaliencyStatistic.Single(weights, inverse.Diagonal());
            diagonal += watch.Elapsed.TotalSeconds;
            Tensor kept = SaliencySelection.KeepLargest(statistic, count / 2);
            watch.Restart();
            _ = inverse.ExactUpdate(weights, kept.logical_not());
            update += watch.Elapsed.TotalSeconds;
            planned = Math.Max(planned, CurvatureMemory.KeptBytes(count, samples, options) + CurvatureMemory.ScratchBytes(count, samples, options));
        }

        string blocks = options.BlockSize is { } size ? $"{size}" : layers.Length == 1 ? $"one of {layers[0]}" : "a layer";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {blocks} | {build:0.0} | {diagonal:0.00} | {update:0.0} | {planned / 1048576.0:0} |"));
    }

    private static void Greedy(long[] layers, int samples, long size)
    {
        double seconds = 0;
        foreach (long count in layers)
        {
            using DisposeScope scope = NewDisposeScope();
            using Generator generator = new(1);
            Tensor gradients = randn([samples, count], ScalarType.Float32, generator: generator) * 1e-2f;
            Tensor weights = randn([count], ScalarType.Float32, generator: generator);
            using IInverseCurvature inverse = InverseCurvatures.Fisher(gradients, new FisherOptions(BlockSize: size, Form: CurvatureForm.Dense));
            Stopwatch watch = Stopwatch.StartNew();
            _ = GreedyObs.Run(inverse, weights, ones(count, ScalarType.Bool), GreedyUnits.Weights);
            seconds += watch.Elapsed.TotalSeconds;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"greedy removal of all {layers.Sum()} weights in blocks of {size}: {seconds:0.0} s"));
    }
}
