using System.Collections.Immutable;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Runtime;
using Microsoft.ML.OnnxRuntime;
using SkiaSharp;
using TorchSharp;

namespace EdgeSparse.Compiler.Reporting;

/// <summary>One thing that was looked for.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Present">Whether it is there and works.</param>
/// <param name="Detail">Its version or place; what is wrong and what to do, when it is absent.</param>
public sealed record PresenceCheck(string Name, bool Present, string Detail);

/// <summary>The native libraries that the compiler carries.</summary>
public static class NativeLibraries
{
    /// <summary>Loads each one, and uses it once.</summary>
    public static ImmutableArray<PresenceCheck> Check() =>
    [
        Check("libtorch", LoadTorch),
        Check("ONNX Runtime", () => OrtEnv.Instance().GetVersionString()),
        Check("SkiaSharp", () => SkiaSharpVersion.Native.ToString()),
    ];

    private static string LoadTorch()
    {
        TorchLibrary.EnsureLoaded();
        using torch.Tensor two = torch.ones(2).sum();
        return two.item<float>() == 2f
            ? $"{torch.__version__}, {(torch.cuda.is_available() ? $"CUDA with {torch.cuda.device_count()} devices" : "CPU")}"
            : throw new TrainingException("libtorch loads, but cannot add one and one");
    }

    private static PresenceCheck Check(string name, Func<string> use)
    {
        try
        {
            return new PresenceCheck(name, true, use());
        }
        catch (Exception error) when (error is EdgeSparseException or DllNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            return new PresenceCheck(name, false, (error.InnerException ?? error).Message.ReplaceLineEndings(" "));
        }
    }
}
