using System.Globalization;
using System.Text;
using EdgeSparse.Runtime;

namespace EdgeSparse.Firmware;

/// <summary>The network's outputs for one sample; the first one holds the scores of classes.</summary>
internal sealed class Prediction(float[][] outputs)
{
    private const int ScoresInText = 10;

    private readonly float[] scores = outputs[0];

    /// <summary>Index of the highest score, the first where several are equal.</summary>
    public int Class => Best(1)[0];

    /// <summary>Runs a network of one input.</summary>
    public static Prediction Of(Model model, IInferenceSession session, float[] sample)
    {
        session.SetInput(0, sample);
        session.Run();
        return OfOutputs(model, session);
    }

    /// <summary>What the last run left.</summary>
    public static Prediction OfOutputs(Model model, IInferenceSession session)
    {
        float[][] outputs = new float[model.Outputs.Count][];
        for (int o = 0; o < outputs.Length; o++)
        {
            outputs[o] = new float[model.Outputs[o].ElementCount];
            session.GetOutput(o, outputs[o]);
        }

        return new Prediction(outputs);
    }

    /// <summary>The class, then the highest scores as class:score, without a line end.</summary>
    public void AppendText(StringBuilder text)
    {
        int[] best = Best(ScoresInText);
        text.Append(CultureInfo.InvariantCulture, $"class {best[0]} ");
        foreach (int candidate in best)
        {
            text.Append(CultureInfo.InvariantCulture, $" {candidate}:{scores[candidate]:G5}");
        }
    }

    /// <summary>The members class, scores and, where there are more outputs, furtherOutputs of an object.</summary>
    public void AddTo(JsonText json)
    {
        json.Name("class").Value(Class);
        json.Name("scores");
        AddNumbers(json, scores);
        if (outputs.Length > 1)
        {
            json.Name("furtherOutputs").Array();
            foreach (float[] output in outputs.AsSpan(1))
            {
                AddNumbers(json, output);
            }

            json.EndArray();
        }
    }

    /// <summary>Indices of the highest scores, descending.</summary>
    private int[] Best(int count)
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

    private static void AddNumbers(JsonText json, float[] values)
    {
        json.Array();
        foreach (float value in values)
        {
            json.Value(value);
        }

        json.EndArray();
    }
}
