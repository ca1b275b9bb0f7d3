using EdgeSparse.Targets.Profiles;

namespace EdgeSparse.Firmware.Tests;

/// <summary>How large the executable may be that tests publish for the machine that they run on.</summary>
internal static class ExecutableLimit
{
    // 2026-11-26: 2 639 384 bytes for x86-64-v4, 2 688 536 for v3 and 2 881 048 for v2, which carry code for wider vectors besides; 1 718 600 for
    // v4 before signatures, serving and watching (docs/decisions/0004: half a megabyte) and meters (a third, most of it of the base library:
    // parsing and formatting of numbers, files read as text, names of enumerations). Raise a limit only with a reason; what an executable is
    // made of, the build tells with -p:IlcGenerateMapFile=true, and what brought a part in with -p:IlcGenerateDgmlFile=true.
    /// <summary>Bytes. The goal for Arm64 is 2.5 MB; kernels for every weight format and three instruction sets are a fifth of a megabyte.</summary>
    public static long For(TargetProfile target) => target.InstructionSet switch
    {
        "x86-64-v2" => 2_900_000,
        "x86-64-v3" => 2_700_000,
        "x86-64-v4" => 2_650_000,
        _ => 2_500_000,
    };
}
