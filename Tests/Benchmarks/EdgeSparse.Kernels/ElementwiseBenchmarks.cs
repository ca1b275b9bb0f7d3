using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Kernels;

/// <summary>
/// The runtime's loops over elements beside what the framework's <see cref="TensorPrimitives"/> make of the same function, from one
/// array into another (docs/decisions/0003-elementwise-kernels.md).
/// </summary>
public unsafe class ElementwiseBenchmarks : IDisposable
{
    private const int Seed = 20151;
    private const float GeluScale = 1.5957691216f;
    private float* x;
    private float* y;
    private float* z;

    /// <summary>What is computed.</summary>
    [Params("relu", "sigmoid", "tanh", "exp", "add", "mul", "gelu-tanh", "hard-swish", "erf")]
    public string Function { get; set; } = "";

    /// <summary>Elements.</summary>
    [Params(256, 4096, 100_000)]
    public int Count { get; set; }

    /// <summary>Fills the operands with seeded numbers from −4 to 4.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        x = Allocate();
        y = Allocate();
        z = Allocate();
        Random random = new(Seed);
        for (int i = 0; i < Count; i++)
        {
            x[i] = (random.NextSingle() * 8) - 4;
            y[i] = 0f;
            z[i] = (random.NextSingle() * 8) - 4;
        }
    }

    /// <summary>The loops that steps call.</summary>
    [Benchmark(Baseline = true)]
    public void Runtime()
    {
        switch (Function)
        {
            case "relu":
                Rows.Map<Clamp>(x, y, Count, 0f, float.PositiveInfinity);
                break;
            case "sigmoid":
                Rows.Map<Sigmoid>(x, y, Count, 0f, 0f);
                break;
            case "tanh":
                Rows.Map<Tanh>(x, y, Count, 0f, 0f);
                break;
            case "exp":
                Rows.Map<Exp>(x, y, Count, 0f, 0f);
                break;
            case "gelu-tanh":
                Rows.Map<GeluTanh>(x, y, Count, 0f, 0f);
                break;
            case "erf":
                Rows.Map<Erf>(x, y, Count, 0f, 0f);
                break;
            case "add":
                PairFunctions.Row(ElementFunction.Add)(x, 1, z, 1, y, Count);
                break;
            case "mul":
                PairFunctions.Row(ElementFunction.Mul)(x, 1, z, 1, y, Count);
                break;
            default:
                // This works in place: what it leaves is the next input, which takes no other time.
                Activations.Apply(y, Count, Activation.HardSwish, 0f, 0f);
                break;
        }
    }

    /// <summary>One call, or as many as the function takes; the error function is none of theirs.</summary>
    [Benchmark]
    public void Framework()
    {
        ReadOnlySpan<float> from = new(x, Count);
        ReadOnlySpan<float> second = new(z, Count);
        Span<float> to = new(y, Count);
        switch (Function)
        {
            case "relu":
                TensorPrimitives.Max(from, 0f, to);
                break;
            case "sigmoid":
                TensorPrimitives.Sigmoid(from, to);
                break;
            case "tanh":
                TensorPrimitives.Tanh(from, to);
                break;
            case "exp":
                TensorPrimitives.Exp(from, to);
                break;
            case "add":
                TensorPrimitives.Add(from, second, to);
                break;
            case "mul":
                TensorPrimitives.Multiply(from, second, to);
                break;
            case "gelu-tanh":
                TensorPrimitives.Multiply(from, from, to);
                TensorPrimitives.Multiply(to, 0.044715f, to);
                TensorPrimitives.Add(to, 1f, to);
                TensorPrimitives.Multiply(to, GeluScale, to);
                TensorPrimitives.Multiply(to, from, to);
                TensorPrimitives.Sigmoid(to, to);
                TensorPrimitives.Multiply(to, from, to);
                break;
            case "hard-swish":
                TensorPrimitives.Multiply(from, 1f / 6f, to);
                TensorPrimitives.Add(to, 0.5f, to);
                TensorPrimitives.Clamp(to, 0f, 1f, to);
                TensorPrimitives.Multiply(to, from, to);
                break;
        }
    }

    /// <summary>Gives the memory back.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        NativeMemory.AlignedFree(x);
        NativeMemory.AlignedFree(y);
        NativeMemory.AlignedFree(z);
        x = null;
        y = null;
        z = null;
        GC.SuppressFinalize(this);
    }

    private float* Allocate() => (float*)NativeMemory.AlignedAlloc((nuint)Count * sizeof(float), 64);
}
