using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Which of this machine's kernels stand for a target's.</summary>
internal static class TuningMachine
{
    /// <summary>The instruction set of a target whose blobs have so many lanes.</summary>
    public static InstructionSet SetOf(int lanes) => lanes switch
    {
        16 => InstructionSet.Avx512,
        8 => InstructionSet.Avx2,
        _ => InstructionSet.Vector128,
    };

    /// <summary>The key of what is measured here for such a target.</summary>
    public static MeasuringMachine Of(int lanes, string processor) => new(SetOf(lanes).ToString().ToLowerInvariant(), processor);

    /// <exception cref="PackingException">This machine does not have the target's vectors.</exception>
    public static ICandidateTimer Timer(int lanes)
    {
        InstructionSet set = SetOf(lanes);
        return Hardware.Best >= set
            ? new SessionTimer(set)
            : throw new PackingException(
                $"formats for vectors of {lanes} floats cannot be measured here: this machine has {Hardware.Best.ToString().ToLowerInvariant()}; run compile --tune on the device");
    }
}
