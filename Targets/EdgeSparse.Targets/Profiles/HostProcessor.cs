using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeSparse.Targets.Profiles;

/// <summary>The machine that runs a command, as far as choosing a target goes.</summary>
/// <param name="Rid">.NET runtime identifier without a distribution, for example <c>linux-x64</c>.</param>
/// <param name="InstructionSets">Names as in IlcInstructionSet that programs compiled for may run here.</param>
public sealed record HostProcessor(string Rid, ImmutableArray<string> InstructionSets)
{
    /// <summary>As the runtime sees it; its switches (<c>DOTNET_EnableAVX512=0</c> and the like) count.</summary>
    public static HostProcessor Current { get; } = new(CurrentRid(), [.. Detect()]);

    /// <param name="instructionSet">One name or several with commas between.</param>
    public bool Supports(string instructionSet) =>
        instructionSet.Split(',', StringSplitOptions.TrimEntries).All(i => InstructionSets.Contains(i));

    private static string CurrentRid()
    {
        string system = OperatingSystem.IsAndroid() ? "linux-bionic" : OperatingSystem.IsLinux() ? "linux" : OperatingSystem.IsMacOS() ? "osx" : "win";
        return $"{system}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";
    }

    private static IEnumerable<string> Detect()
    {
        if (Sse42.X64.IsSupported && Popcnt.X64.IsSupported)
        {
            yield return "x86-64-v2";
        }

        if (Avx2.IsSupported && Fma.IsSupported && Bmi1.IsSupported && Bmi2.IsSupported && Lzcnt.IsSupported)
        {
            yield return "x86-64-v3";
        }

        if (Avx512F.VL.IsSupported && Avx512BW.VL.IsSupported && Avx512CD.VL.IsSupported && Avx512DQ.VL.IsSupported)
        {
            yield return "x86-64-v4";
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            yield return "armv8-a";
        }

        // Armv8.2-A as NativeAOT means it: CRC and rounding doubling multiply-add are its mandatory parts that .NET can ask for.
        if (Crc32.Arm64.IsSupported && Rdm.Arm64.IsSupported)
        {
            yield return "armv8.2-a";
        }

        if (Dp.Arm64.IsSupported)
        {
            yield return "dotprod";
        }
    }
}
