using System.Globalization;
using System.Text.RegularExpressions;
using EdgeSparse.Runtime.Gpu.Kernels;
using EdgeSparse.Runtime.Offload;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace EdgeSparse.Runtime.Gpu;

/// <summary>Compiles kernels to PTX on a machine without a GPU: ILGPU's back end for CUDA needs none until code is loaded.</summary>
internal sealed partial class PtxCompiler : IDisposable
{
    private readonly Context context = Context.Create(builder => builder.Optimize(OptimizationLevel.O2));
    private readonly PtxArchitecture architecture;
    private readonly PTXBackend backend;

    public PtxCompiler(PtxArchitecture architecture)
    {
        this.architecture = architecture;
        backend = new PTXBackend(
            context, new CudaCapabilityContext(architecture.Cuda), architecture.Cuda, architecture.InstructionSet, nvvmAPI: null);
    }

    public PtxKernel Compile(DeviceKernel kernel)
    {
        var entry = EntryPointDescription.FromExplicitlyGroupedKernel(KernelMethods.Of(kernel, architecture.GroupThreads).Method);
        var compiled = (PTXCompiledKernel)backend.Compile(entry, new KernelSpecialization(architecture.GroupThreads, null));

        // ILGPU declares the newest target that it has code of its own for, which newer ones have as well.
        string text = Target().Replace(Renumbered(PtxBranches.WithoutPromises(compiled.PTXAssembly)), ".target " + architecture.Name, 1);
        int shared = SharedArray().Matches(text).Sum(m => int.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
        return new PtxKernel(kernel, EntryName().Match(text).Groups[1].Value, shared, text);
    }

    /// <summary>
    /// ILGPU numbers names by what it has compiled before in this process; here they are numbered as they come, so that the same kernel is
    /// the same text.
    /// </summary>
    private static string Renumbered(string text)
    {
        Dictionary<string, int> numbers = [];
        return NumberedName().Replace(text, name =>
        {
            if (!numbers.TryGetValue(name.Value, out int number))
            {
                numbers[name.Value] = number = numbers.Count;
            }

            return name.Groups[1].Value + number.ToString(CultureInfo.InvariantCulture);
        });
    }

    public void Dispose()
    {
        backend.Dispose();
        context.Dispose();
    }

    [GeneratedRegex(@"\.entry\s+([\w$]+)")]
    private static partial Regex EntryName();

    /// <summary>Names of functions, parameters and labels; architectures look like them.</summary>
    [GeneratedRegex(@"(?<![\w%$.])(?!sm_)([A-Za-z_]\w*?_)\d+(?!\w)")]
    private static partial Regex NumberedName();

    [GeneratedRegex(@"\.target\s+\w+")]
    private static partial Regex Target();

    /// <summary>ILGPU declares shared memory in bytes, in no other type.</summary>
    [GeneratedRegex(@"\.shared\s+\.align\s+\d+\s+\.b8\s+[\w$]+\[(\d+)\]")]
    private static partial Regex SharedArray();
}
