using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using EdgeSparse.Runtime.Offload;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace EdgeSparse.Runtime.Gpu;

/// <summary>
/// Takes back a promise that ILGPU 1.5.3 makes and does not keep: it writes <c>bra.uni</c>, a branch that all threads of a warp take or
/// none, also where its condition depends on a value that loops or branches have made different in each. A GPU may then do anything.
/// Where all threads do go the same way, NVIDIA's assembler finds that by itself: docs/decisions/0007-ilgpu.md.
/// </summary>
internal static partial class PtxBranches
{
    /// <summary>A module whose branches with a condition promise nothing.</summary>
    public static string WithoutPromises(string module) => Promise().Replace(module, "$1");

    /// <summary>
    /// Compiles and loads a kernel whose branches promise nothing. ILGPU looks for what it has compiled before it compiles, so that what is
    /// changed here is loaded; but it keeps that only as long as somebody else does.
    /// </summary>
    public static Action<KernelConfig, ArrayView<float>, ArrayView<int>, DeviceStep> Load(
        CudaAccelerator accelerator, Action<ArrayView<float>, ArrayView<int>, DeviceStep> kernel)
    {
        var compiled = (PTXCompiledKernel)accelerator.CompileKernel(EntryPointDescription.FromExplicitlyGroupedKernel(kernel.Method), KernelSpecialization.Empty);
        Text(compiled) = WithoutPromises(compiled.PTXAssembly);
        Action<KernelConfig, ArrayView<float>, ArrayView<int>, DeviceStep> loaded = accelerator.LoadStreamKernel(kernel);
        GC.KeepAlive(compiled);
        return loaded;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<PTXAssembly>k__BackingField")]
    private static extern ref string Text(PTXCompiledKernel kernel);

    [GeneratedRegex(@"(@!?%p\d+\s+bra)\.uni")]
    private static partial Regex Promise();
}
