using System.Globalization;
using System.Text;
using EdgeSparse.Energy;
using EdgeSparse.Firmware.Trust;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Firmware;

/// <summary>What a run found: the scores of every sample, times and energy when asked for.</summary>
internal sealed record Report(string Model, long BlobBytes, long ArenaBytes, IReadOnlyList<Prediction> Predictions, BenchTimes? Times, EnergyResult? Energy)
{
    /// <summary>The most memory that was resident up to the end of the timed runs; null where nothing was timed, or the system does not say.</summary>
    public long? PeakResidentBytes { get; private init; }

    /// <summary>What the network ran on; null where no device was asked for, which is the CPU.</summary>
    public string? Device { get; private init; }

    /// <summary>Loads the model, runs it over the samples, then times it and measures its energy.</summary>
    /// <exception cref="EdgeSparseException">The blob or the samples are missing or wrong, the blob is not signed, or there is no such meter.</exception>
    public static Report Of(CommandLine command, TrustedKey? key)
    {
        using Model model = EdgeSparse.Runtime.Model.Load(ModelSource.Open(command.Model, key).BlobPath);
        RequireOneInput(model, command.Model);
        TensorInfo input = model.Inputs[0];
        IReadOnlyList<float[]> samples = command.Input is null ? [] : SampleReader.Read(command.Input, input);
        using IPowerMeter? meter = command.Energy?.Open();
        using IInferenceSession session = command.Open(model);
        Prediction[] predictions = new Prediction[samples.Count];
        for (int i = 0; i < predictions.Length; i++)
        {
            predictions[i] = Prediction.Of(model, session, samples[i]);
        }

        float[] sample = samples.Count == 0 ? new float[input.ElementCount] : samples[0];
        BenchTimes? times = command.Bench == 0 ? null : BenchTimes.Measure(session, sample, model.Outputs[0].ElementCount, command.Bench);
        long? resident = times is null ? null : ResidentMemory.Peak();
        EnergyResult? energy = meter is null ? null : EnergyReport.Measure(meter, session, sample, model.Outputs[0].ElementCount, command.EnergySeconds);
        return new Report(command.Model, model.BlobBytes, model.ArenaBytes, predictions, times, energy)
        {
            PeakResidentBytes = resident,
            Device = command.Device is null ? null : InferenceDevice.NameOf(session),
        };
    }

    /// <exception cref="EdgeSparseException">The network has several inputs, and a file holds samples of one.</exception>
    public static void RequireOneInput(Model model, string path)
    {
        if (model.Inputs.Count != 1)
        {
            throw new EdgeSparseException($"{path}: the network has {model.Inputs.Count} inputs; edgesparse-run feeds one");
        }
    }

    /// <summary>One line a sample: number, class, then the highest scores as class:score.</summary>
    public string ToText()
    {
        StringBuilder text = new();
        for (int i = 0; i < Predictions.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{i}: ");
            Predictions[i].AppendText(text);
            text.Append('\n');
        }

        if (Times is { } times)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{times.Inferences} inferences: median {times.MedianMicroseconds:F2} µs, 5 % {times.P5Microseconds:F2} µs, 95 % {times.P95Microseconds:F2} µs\n");
            if (times.Device is { } device)
            {
                text.Append(CultureInfo.InvariantCulture, $"{Device}: {device.KernelMicroseconds:F2} µs of it in kernels\n");
            }
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
        if (Device is not null)
        {
            json.Name("device").Value(Device);
        }

        json.Name("blobBytes").Value(BlobBytes);
        json.Name("arenaBytes").Value(ArenaBytes);
        json.Name("samples").Array();
        for (int i = 0; i < Predictions.Count; i++)
        {
            json.Object();
            json.Name("index").Value(i);
            Predictions[i].AddTo(json);
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
            if (times.Device is { } device)
            {
                json.Name("kernelMicroseconds").Value(device.KernelMicroseconds);
                json.Name("layers").Array();
                foreach ((string name, double microseconds) in device.Layers)
                {
                    json.Object();
                    json.Name("name").Value(name);
                    json.Name("microseconds").Value(microseconds);
                    json.EndObject();
                }

                json.EndArray();
            }

            json.EndObject();
            if (PeakResidentBytes is { } resident)
            {
                json.Name("peakResidentBytes").Value(resident);
            }
        }

        if (Energy is not null)
        {
            EnergyReport.AddJson(json, Energy);
        }

        json.EndObject();
        return json.ToString() + "\n";
    }
}
