using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>What the vector kernels are compiled for, ascending: a machine that has one has those before it.</summary>
internal enum InstructionSet
{
    /// <summary>No vectors.</summary>
    Scalar = 0,

    /// <summary>128-bit vectors: SSE on x64, AdvSimd on Arm64.</summary>
    Vector128 = 1,

    /// <summary>AVX2 with fused multiply-add.</summary>
    Avx2 = 2,

    /// <summary>AVX-512 F and BW, where the runtime regards 512-bit vectors as worth their clock.</summary>
    Avx512 = 3,
}

/// <summary>What this machine has.</summary>
internal static class Hardware
{
    public static InstructionSet Best =>
        HasAvx512 ? InstructionSet.Avx512
        : HasAvx2 ? InstructionSet.Avx2
        : HasVector128 ? InstructionSet.Vector128
        : InstructionSet.Scalar;

    /// <summary>
    /// Whether an instruction set may be the one that a blob for this machine uses. An executable compiled ahead of time for a
    /// machine with a better one has it for blobs that were made for others, and then size is worth more than speed.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsMain(InstructionSet set)
    {
        // Statements, not one expression: the compiler finds these constant before it looks at what they choose between.
        if (RuntimeFeature.IsDynamicCodeSupported)
        {
            return true;
        }

        if (set == InstructionSet.Avx2)
        {
            return !(Vector512.IsHardwareAccelerated && Avx512F.IsSupported);
        }

        if (set == InstructionSet.Vector128)
        {
            return !(Vector256.IsHardwareAccelerated && Avx2.IsSupported && Fma.IsSupported);
        }

        return true;
    }

    public static bool HasAvx512 => Vector512.IsHardwareAccelerated && Avx512F.IsSupported && Avx512BW.IsSupported;

    public static bool HasAvx2 => Vector256.IsHardwareAccelerated && Avx2.IsSupported && Fma.IsSupported;

    public static bool HasVector128 => Vector128.IsHardwareAccelerated;
}
