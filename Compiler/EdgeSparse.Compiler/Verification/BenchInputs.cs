using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Verification;

/// <summary>Inputs for a benchmark: real ones where a data set is at hand, for kernels may profit from zeros in real inputs.</summary>
public static class BenchInputs
{
    /// <summary>How many inputs take turns: enough that the branch predictor does not learn one by heart.</summary>
    public const int DefaultCount = 32;

    /// <summary>The first samples of a set, scaled as the network wants them.</summary>
    /// <param name="samples">At least one sample.</param>
    /// <param name="elements">Values of one sample.</param>
    /// <param name="scaling">How pixel/255 becomes input; null when the samples are the input as they are.</param>
    /// <param name="count">At most as many.</param>
    public static IReadOnlyList<float[]> From(DataSplit samples, int elements, InputScaling? scaling, int count = DefaultCount)
    {
        float[][] inputs = new float[Math.Min(count, samples.Count)][];
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = new float[elements];
            samples.Read(i, inputs[i]);
            scaling?.Scale(inputs[i]);
        }

        return inputs;
    }

    /// <summary>Independent values from the standard normal distribution: no zeros, and the scale that trained networks expect.</summary>
    /// <param name="elements">Values of one sample.</param>
    /// <param name="seed">The same seed gives the same inputs.</param>
    /// <param name="count">How many.</param>
    public static IReadOnlyList<float[]> Random(int elements, int seed, int count = DefaultCount)
    {
        System.Random random = new(seed);
        float[][] inputs = new float[count][];
        for (int i = 0; i < count; i++)
        {
            inputs[i] = new float[elements];
            foreach (ref float value in inputs[i].AsSpan())
            {
                // Box-Muller; 1 − u keeps the logarithm finite.
                value = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
            }
        }

        return inputs;
    }
}
