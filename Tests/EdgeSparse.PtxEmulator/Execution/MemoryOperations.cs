using System.Runtime.CompilerServices;

namespace EdgeSparse.PtxEmulator.Execution;

/// <summary>Where an access goes.</summary>
internal interface IMemorySpace
{
    /// <summary>The word at an address, after all checks of an access of one thread.</summary>
    static abstract ref uint At(Warp warp, int lane, ulong address, int words, bool isStore, in Moment warps);

    /// <summary>When the threads of a warp do something, without which of them.</summary>
    static abstract Moment Now(Warp warp);
}

/// <summary>Memory of the device.</summary>
internal readonly struct GlobalSpace : IMemorySpace
{
    public static Moment Now(Warp warp) => warp.Launch.Moment(warp);

    public static unsafe ref uint At(Warp warp, int lane, ulong address, int words, bool isStore, in Moment warps)
    {
        Access.RequireAligned(warp, lane, address, words);
        DeviceMemory.Piece piece = warp.Launch.Memory.PieceAt(address, (ulong)words * sizeof(uint))
            ?? throw warp.Fault(lane, $"is outside of all memory, at {address:x}");
        long word = (long)(address - (ulong)piece.Address) / sizeof(uint);
        Access.Note(warp, lane, piece.History, word, words, isStore, warps.Of(lane));
        return ref Unsafe.AsRef<uint>((void*)address);
    }
}

/// <summary>Memory of the group.</summary>
internal readonly struct SharedSpace : IMemorySpace
{
    public static Moment Now(Warp warp) => warp.Launch.SharedMoment(warp);

    public static ref uint At(Warp warp, int lane, ulong address, int words, bool isStore, in Moment warps)
    {
        Access.RequireAligned(warp, lane, address, words);
        SharedMemory shared = warp.Launch.Shared;
        if (address + ((ulong)words * sizeof(uint)) > (ulong)shared.Bytes.Length)
        {
            throw warp.Fault(lane, $"is outside of shared memory, at {address}");
        }

        long word = (long)address / sizeof(uint);
        Moment moment = warps.Of(lane);
        for (int i = 0; i < words && !isStore; i++)
        {
            if (shared.History.WrittenIn(word + i) != moment.Launch)
            {
                throw warp.Fault(lane, $"reads shared memory that nothing was written to, at {address + ((ulong)i * sizeof(uint))}");
            }
        }

        Access.Note(warp, lane, shared.History, word, words, isStore, moment);
        return ref Unsafe.As<byte, uint>(ref shared.Bytes[address]);
    }
}

/// <summary>The checks that are common to all memory.</summary>
internal static class Access
{
    public static void RequireAligned(Warp warp, int lane, ulong address, int words)
    {
        if (address % ((ulong)words * sizeof(uint)) != 0)
        {
            throw warp.Fault(lane, $"is not aligned, at {address:x}");
        }
    }

    public static void Note(Warp warp, int lane, History history, long word, int words, bool isStore, in Moment moment)
    {
        for (int i = 0; i < words; i++)
        {
            if ((isStore ? history.Write(word + i, moment) : history.Read(word + i, moment)) is { } conflict)
            {
                throw warp.Fault(lane, conflict);
            }
        }
    }
}

/// <summary>Loads one or four words.</summary>
internal sealed class Load<TSpace>(Register address, int offset, Register[] to) : Operation
    where TSpace : IMemorySpace
{
    public override void Run(Warp warp)
    {
        Span<ulong> addresses = warp.Registers.Of<ulong>(address);
        Moment now = TSpace.Now(warp);
        for (uint lanes = warp.Mask; Warp.Next(ref lanes, out int lane);)
        {
            ref uint words = ref TSpace.At(warp, lane, addresses[lane] + (ulong)offset, to.Length, isStore: false, now);
            for (int i = 0; i < to.Length; i++)
            {
                warp.Registers.Of<uint>(to[i])[lane] = Unsafe.Add(ref words, i);
            }
        }

        foreach (Register register in to)
        {
            warp.Registers.Known(register) |= warp.Mask;
        }
    }
}

/// <summary>Stores one or four words.</summary>
internal sealed class Store<TSpace>(Register address, int offset, Register[] from) : Operation
    where TSpace : IMemorySpace
{
    public override void Run(Warp warp)
    {
        Span<ulong> addresses = warp.Registers.Of<ulong>(address);
        Moment now = TSpace.Now(warp);
        for (uint lanes = warp.Mask; Warp.Next(ref lanes, out int lane);)
        {
            ref uint words = ref TSpace.At(warp, lane, addresses[lane] + (ulong)offset, from.Length, isStore: true, now);
            for (int i = 0; i < from.Length; i++)
            {
                Unsafe.Add(ref words, i) = warp.Registers.Of<uint>(from[i])[lane];
            }
        }
    }
}

/// <summary>Loads an argument of the kernel.</summary>
internal sealed class LoadArgument<T>(int offset, Register to) : Operation
    where T : unmanaged
{
    public override void Run(Warp warp)
    {
        T value = Unsafe.ReadUnaligned<T>(ref warp.Launch.Arguments[offset]);
        Span<T> lanes = warp.Registers.Of<T>(to);
        if (warp.Mask == uint.MaxValue)
        {
            warp.Registers.SetAll(to, value);
            return;
        }

        for (uint mask = warp.Mask; Warp.Next(ref mask, out int lane);)
        {
            lanes[lane] = value;
        }

        warp.Registers.Known(to) |= warp.Mask;
    }
}
