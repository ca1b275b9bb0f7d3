using EdgeSparse.Compiler.Pruning.Curvature;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Pruning.Curvature;

/// <summary>Four weights, three gradients and λ = 0.5: small enough that every number was worked out apart from this code.</summary>
internal static class WorkedExample
{
    public const double Dampening = 0.5;

    public static readonly double[] InverseRows =
    [
        1.270315091, .285240464, -.444444444, -.358208955,
        .285240464, 1.270315091, -.444444444, .358208955,
        -.444444444, -.444444444, 1.111111111, 0,
        -.358208955, .358208955, 0, .805970149,
    ];


    public static Tensor Weights => tensor(new[] { 1, -.5, .25, 2 }, dtype: ScalarType.Float64);

    public static Tensor Gradients => tensor(new float[] { 1, 0, 1, 0, 0, 1, 1, 0, 1, -1, 0, 2 }, [3, 4]);

    public static IInverseCurvature Inverse(CurvatureForm form, long? blockSize = null, bool centred = false) =>
        InverseCurvatures.Fisher(Gradients, new FisherOptions(Dampening, blockSize, centred, form));

    /// <summary>Bool, [4].</summary>
    public static Tensor Set(params int[] members) =>
        tensor(Enumerable.Range(0, 4).Select(i => members.Contains(i)).ToArray());

    /// <summary>H⁻¹ with nothing left out, by multiplying unit vectors, [d, d].</summary>
    public static Tensor Whole(IInverseCurvature inverse) =>
        stack(Enumerable.Range(0, (int)inverse.Count).Select(i =>
        {
            Tensor unit = zeros(inverse.Count, ScalarType.Float64);
            unit[i] = 1;
            return inverse.Multiply(unit);
        }));

    public static void Equal(double[] expected, Tensor actual, double tolerance = 1e-6)
    {
        double[] values = actual.to(ScalarType.Float64).flatten().data<double>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        Assert.All(expected.Zip(values), p => Assert.Equal(p.First, p.Second, tolerance));
    }

    public static void Equal(Tensor expected, Tensor actual, double tolerance = 1e-6) =>
        Equal(expected.to(ScalarType.Float64).flatten().data<double>().ToArray(), actual, tolerance);
}
