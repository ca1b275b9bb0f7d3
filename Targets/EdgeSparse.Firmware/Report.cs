using System.Globalization;
using System.Text;
using EdgeSparse.Energy;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Firmware;

/// <summary>What a run found: the scores of every sample, times and energy when asked for.</summary>
internal sealed record Report(string Model, long BlobBytes, long ArenaBytes, IReadOnlyList<Prediction> Predictions, BenchTimes? Times, EnergyResult? Energy)
{
    private const int ScoresInText = 10;

    /// <summary>Loads the model, runs it over the samples, then times it and measures its energy.</summary>
    /// <exception cref="EdgeSparseException">The blob or the samples are missing or wrong, or there is no such meter.</exception>
    public static Report Of(CommandLine command)
    {
        using Model model = EdgeSparse.Runtime.Model.Load(command.Model);
        if (model.Inputs.Count != 1)
        {
            throw new EdgeSparseException($"{command.Model}: the network has {model.Inputs.Count} inputs; edgesparse-run feeds one");
        }

        TensorInfo input = model.Inputs[0];
        IReadOnlyList<float[]> samples = command.Input is null ? [] : SampleReader.Read(command.Input, input);
        using IPowerMeter? meter = command.Energy?.Open();
        using Session session = model.CreateSession();
        Prediction[] predictions = new Prediction[samples.Count];
        for (int i = 0; i < predictions.Length; i++)
        {
            session.SetInput(0, samples[i]);
            session.Run();
            float[][] outputs = new float[model.Outputs.Count][];
            for (int o = 0; o < outputs.Length; o++)
            {
                outputs[o] = new float[model.Outputs[o].ElementCount];
                session.GetOutput(o, outputs[o]);
            }

            predictions[i] = new Prediction(outputs);
        }

        float[] sample = samples.Count == 0 ? new float[input.ElementCount] : samples[0];
        BenchTimes? times = command.Bench == 0 ? null : BenchTimes.Measure(session, sample, model.Outputs[0].ElementCount, command.Bench);
        EnergyResult? energy = meter is null ? null : EnergyReport.Measure(meter, session, sample, model.Outputs[0].ElementCount, command.EnergySeconds);
        return new Report(command.Model, model.BlobBytes, model.ArenaBytes, predictions, times, energy);
    }

    /// <summary>One line a sample: number, class, then the highest scores as class:score.</summary>
    public string ToText()
    {
        StringBuilder text = new();
        for (int i = 0; i < Predictions.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{i}: class {Predictions[i].Class} ");
            foreach (int candidate in Predictions[i].Best(ScoresInText))
            {
                text.Append(CultureInfo.InvariantCulture, $" {candidate}:{Predictions[i].Scores[candidate]:G5}");
            }

            text.Append('\n');
        }

        if (Times is { } times)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{times.Inferences} inferences: median {times.MedianMicroseconds:F2} µs, 5 % {times.P5Microseconds:F2} µs, 95 % {times.P95Microseconds:F2} µs\n");
        }

        if (Energy is not null)
        {
            EnergyReport.AddText(text, Energy);
        }

        return text.ToString();
    }

    public string ToJson()
    {
        JsonText json = new();
        json.Object();
        json.Name("model").Value(Model);
        json.Name("blobBytes").Value(BlobBytes);
        json.Name("arenaBytes").Value(ArenaBytes);
        json.Name("samples").Array();
        for (int i = 0; i < Predictions.Count; i++)
        {
            json.Object();
            json.Name("index").Value(i);
            json.Name("class").Value(Predictions[i].Class);
            json.Name("scores");
            AddNumbers(json, Predictions[i].Scores);
            if (Predictions[i].FurtherOutputs.Length > 0)
            {
                json.Name("furtherOutputs").Array();
                foreach (float[] output in Predictions[i].FurtherOutputs)
                {
                    AddNumbers(json, output);
                }

                json.EndArray();
            }

            json.EndObject();
        }

        json.EndArray();
        if (Times is { } times)
        {
            json.Name("bench").Object();
            json.Name("inferences").Value(times.Inferences);
            json.Name("medianMicroseconds").Value(times.MedianMicroseconds);
            json.Name("p5Microseconds").Value(times.P5Microseconds);
            json.Name("p95Microseconds").Value(times.P95Microseconds);
            json.EndObject();
        }

        if (Energy is not null)
        {
            EnergyReport.AddJson(json, Energy);
        }

        json.EndObject();
        return json.ToString() + "\n";
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
