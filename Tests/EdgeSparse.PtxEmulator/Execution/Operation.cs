using EdgeSparse.PtxEmulator.Modules;

namespace EdgeSparse.PtxEmulator.Execution;

/// <summary>An instruction that is ready to run.</summary>
internal abstract class Operation
{
    /// <summary>For messages.</summary>
    public required Statement Statement { get; init; }

    /// <summary>Registers that it reads.</summary>
    public required Register[] Sources { get; init; }

    /// <summary>Does it in the lanes that are active.</summary>
    public abstract void Run(Warp warp);
}

/// <summary>An operation that decides where its warp goes on, which the warp does by itself.</summary>
internal abstract class Jump : Operation
{
    public override void Run(Warp warp) => throw new InvalidOperationException("a warp runs its jumps");
}

/// <param name="target">The operation that lanes go on at.</param>
/// <param name="guard">Those whose predicate is so; null for all.</param>
/// <param name="isUniform">Whether the text says that all lanes that run together go the same way.</param>
/// <param name="meeting">Where lanes that go different ways meet again; −1 where they don't.</param>
internal sealed class Branch(int target, Register? guard, bool isNegated, bool isUniform, int meeting) : Jump
{
    public int Target => target;

    public bool IsUniform => isUniform;

    public int Meeting => meeting;

    /// <summary>The lanes of a mask that jump.</summary>
    public uint Taken(Warp warp, uint mask) =>
        guard is not { } register ? mask : mask & (isNegated ? ~warp.Registers.Predicate(register) : warp.Registers.Predicate(register));
}

internal sealed class BranchByIndex(Register index, int[] targets, bool isUniform, int meeting) : Jump
{
    public Register Index => index;

    public int[] Targets => targets;

    public bool IsUniform => isUniform;

    public int Meeting => meeting;
}

/// <summary>The end of a function or of a thread.</summary>
internal sealed class Return : Jump;

/// <summary>A call of a function, whose parameters the statements before it have set.</summary>
internal sealed class Call(Code code) : Jump
{
    public Code Code => code;
}

/// <summary>A wait for all threads of the group.</summary>
internal sealed class GroupBarrier : Jump;

/// <summary>A wait for all lanes of the warp.</summary>
internal sealed class WarpBarrier : Operation
{
    public override void Run(Warp warp)
    {
        warp.RequireAll("a barrier of the warp");
        warp.Epoch++;
    }
}

/// <summary>The operations of a function.</summary>
internal sealed class Code
{
    public required string Name { get; init; }

    public Operation[] Operations { get; set; } = [];
}
