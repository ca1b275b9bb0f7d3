using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Constants that broadcast to one value an output: what can be a bias.</summary>
internal static class BiasBroadcast
{
    /// <summary>
    /// The constant as one value an index of the last dimension, for the output of a Linear; null when it varies over others.
    /// </summary>
    public static float[]? OverLast(ConstantTensor constant, int outputs, int outputRank) =>
        Over(constant, outputs, outputRank, axis: outputRank - 1);

    /// <summary>The constant as one value a channel, for the output N×C×H×W of a Conv2d; null when it varies over others.</summary>
    public static float[]? OverChannels(ConstantTensor constant, int channels) => Over(constant, channels, outputRank: 4, axis: 1);

    private static float[]? Over(ConstantTensor constant, int length, int outputRank, int axis)
    {
        // Broadcasting aligns the last dimensions; a constant of higher rank would change the output's shape.
        ImmutableArray<int> dims = constant.Dims;
        int missing = outputRank - dims.Length;
        if (missing < 0)
        {
            return null;
        }

        for (int i = 0; i < dims.Length; i++)
        {
            if (dims[i] != 1 && (i + missing != axis || dims[i] != length))
            {
                return null;
            }
        }

        float[] values = constant.Floats();
        if (values.Length == length)
        {
            return values;
        }

        float[] spread = new float[length];
        spread.AsSpan().Fill(values[0]);
        return spread;
    }
}
