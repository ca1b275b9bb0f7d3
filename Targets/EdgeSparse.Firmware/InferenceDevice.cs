using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Cuda;

namespace EdgeSparse.Firmware;

/// <summary>What <c>--device</c> names.</summary>
internal enum DeviceKind
{
    Cpu,
    Cuda,

    /// <summary>An NVIDIA GPU where it can run the model, else the CPU.</summary>
    Auto,
}

/// <summary>Where a network runs.</summary>
/// <param name="Kind">What is asked for.</param>
/// <param name="Index">Which GPU, from 0 on.</param>
internal sealed record InferenceDevice(DeviceKind Kind, int Index)
{
    /// <summary>What <see cref="NameOf"/> says of sessions on the CPU.</summary>
    public const string CpuName = "cpu";

    private const string CudaPrefix = "cuda:";
    private const int MostDevices = 64;

    public static readonly InferenceDevice Cpu = new(DeviceKind.Cpu, 0);

    /// <summary>Whether this executable was published with the code for NVIDIA GPUs; what it guards is left out of others.</summary>
    [FeatureSwitchDefinition("EdgeSparse.Cuda")]
    private static bool HasCuda => AppContext.TryGetSwitch("EdgeSparse.Cuda", out bool isOn) && isOn;

    /// <exception cref="UsageException">It is none of cpu, cuda, cuda:N and auto.</exception>
    public static InferenceDevice Parse(string text) => text switch
    {
        CpuName => Cpu,
        "cuda" => new InferenceDevice(DeviceKind.Cuda, 0),
        "auto" => new InferenceDevice(DeviceKind.Auto, 0),
        _ when text.StartsWith(CudaPrefix, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(CudaPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && index < MostDevices => new InferenceDevice(DeviceKind.Cuda, index),
        _ => throw new UsageException($"--device is cpu, cuda, cuda:N or auto, found '{text}'"),
    };

    /// <summary>A session there.</summary>
    /// <exception cref="EdgeSparseException">The GPU that is asked for cannot run the model, and the message says why.</exception>
    public IInferenceSession Open(Model model, SessionOptions options) => Kind switch
    {
        DeviceKind.Cpu => model.CreateSession(options),
        DeviceKind.Cuda => OpenCuda(model, Index),
        _ => OpenEither(model, options),
    };

    /// <summary>What a session runs on, for reports.</summary>
    public static string NameOf(IInferenceSession session) => session switch
    {
        EitherSession either => NameOf(either.Current),
        _ when HasCuda && session is CudaSession cuda => $"{cuda.DeviceName} (code for sm_{cuda.Architecture}{(cuda.UsesGraph ? ", CUDA graph" : "")})",
        _ => CpuName,
    };

    /// <summary>What a GPU takes for a run without copies, and for each layer, by its own clock; null on the CPU.</summary>
    public static DeviceTimes? Times(IInferenceSession session, int runs) => session switch
    {
        EitherSession either => Times(either.Current, runs),
        _ when HasCuda && session is CudaSession cuda => TimesOf(cuda, runs),
        _ => null,
    };

    private static DeviceTimes TimesOf(CudaSession session, int runs)
    {
        IReadOnlyList<LayerTime> times = session.MeasureLayers(runs);
        var layers = new (string Name, double Microseconds)[times.Count];
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i] = (times[i].Layer.Name, times[i].Microseconds);
        }

        return new DeviceTimes(session.MeasureKernels(runs), layers);
    }

    private static CudaSession OpenCuda(Model model, int index) => HasCuda
        ? model.CreateCudaSession(index)
        : throw new EdgeSparseException(
            "this executable was published without CUDA: publish it for a target whose publishProperties have EdgeSparseCuda, such as jetson-orin");

    private static IInferenceSession OpenEither(Model model, SessionOptions options)
    {
        try
        {
            return new EitherSession(OpenCuda(model, 0), model, options);
        }
        catch (EdgeSparseException error)
        {
            EitherSession.Tell(error);
            return model.CreateSession(options);
        }
    }
}
