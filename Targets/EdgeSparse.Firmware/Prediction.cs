namespace EdgeSparse.Firmware;

/// <summary>The network's outputs for one sample; the first one holds the scores of classes.</summary>
internal sealed class Prediction(float[][] outputs)
{
    private readonly float[] scores = outputs[0];

    public float[] Scores => scores;

    /// <summary>The outputs after the first.</summary>
    public ReadOnlySpan<float[]> FurtherOutputs => outputs.AsSpan(1);

    /// <summary>Index of the highest score, the first where several are equal.</summary>
    public int Class => Best(1)[0];

    /// <summary>Indices of the highest scores, descending.</summary>
    public int[] Best(int count)
    {
        int[] best = new int[Math.Min(count, scores.Length)];
        bool[] taken = new bool[scores.Length];
        for (int i = 0; i < best.Length; i++)
        {
            int highest = -1;
            for (int candidate = 0; candidate < scores.Length; candidate++)
            {
                // Written so that a NaN never wins against a number.
                if (!taken[candidate] && (highest < 0 || scores[candidate] > scores[highest] || (float.IsNaN(scores[highest]) && !float.IsNaN(scores[candidate]))))
                {
                    highest = candidate;
                }
            }

            taken[highest] = true;
            best[i] = highest;
        }

        return best;
    }
}
