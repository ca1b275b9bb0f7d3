using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Tells layers apart for which measured times may differ: by shapes, layouts, window, which weights are zero, and how many inputs are not,
/// where that is known and few. The values of the weights do not matter.
/// </summary>
internal static class LayerDigest
{
    /// <summary>32 hexadecimal digits.</summary>
    public static string Of(LayerProblem problem)
    {
        WeightMatrix matrix = problem.Matrix;
        XxHash128 hash = new();
        hash.Append(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"{problem.IsConvolution}|{matrix.Weight.Shape}|{matrix.Groups}|{problem.Window}|{problem.Input}|{problem.Output}|{problem.Activation.Kind}")));
        if (problem.Inputs is { } inputs)
        {
            hash.Append(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"|{inputs.Percent} % inputs")));
        }

        ReadOnlySpan<float> values = matrix.Weight.Values.Span;
        byte[] mask = new byte[(values.Length + 7) / 8];
        for (int i = 0; i < values.Length; i++)
        {
            mask[i / 8] |= (byte)(values[i] != 0 ? 1 << (i % 8) : 0);
        }

        hash.Append(mask);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
