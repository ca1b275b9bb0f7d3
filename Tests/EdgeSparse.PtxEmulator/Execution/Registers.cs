using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeSparse.PtxEmulator.Execution;

/// <summary>The registers of the threads of a warp: a register has a number of 32 or 64 bits for each lane, or a bit for each (a predicate).</summary>
internal sealed class Registers
{
    public const int Lanes = 32;

    private readonly uint[] words;
    private readonly ulong[] longs;
    private readonly uint[] predicates;

    /// <summary>The lanes that have a value, by register: words, then longs, then predicates.</summary>
    private readonly uint[] known;

    public Registers(RegisterFile file)
    {
        words = new uint[file.Words * Lanes];
        longs = new ulong[file.Longs * Lanes];
        predicates = new uint[file.Predicates];
        known = new uint[file.Words + file.Longs + file.Predicates];
    }

    public void Forget() => Array.Clear(known);

    /// <summary>A number of every lane; <typeparamref name="T"/> has 32 or 64 bits, as the register has.</summary>
    public Span<T> Of<T>(Register register)
        where T : unmanaged =>
        Unsafe.SizeOf<T>() == sizeof(uint)
            ? MemoryMarshal.Cast<uint, T>(words.AsSpan(register.Index * Lanes, Lanes))
            : MemoryMarshal.Cast<ulong, T>(longs.AsSpan(register.Index * Lanes, Lanes));

    public ref uint Predicate(Register register) => ref predicates[register.Index];

    /// <summary>Lanes in which a register has been set.</summary>
    public ref uint Known(Register register) => ref known[register.Number];

    public void SetPredicate(Register register, uint values, uint mask)
    {
        predicates[register.Index] = (predicates[register.Index] & ~mask) | (values & mask);
        known[register.Number] |= mask;
    }

    public void SetAll<T>(Register register, T value)
        where T : unmanaged
    {
        Of<T>(register).Fill(value);
        Known(register) = uint.MaxValue;
    }
}

/// <summary>A register of a module.</summary>
/// <param name="Kind">Of how many bits.</param>
/// <param name="Index">Among those of its kind.</param>
/// <param name="Number">Among all.</param>
internal readonly record struct Register(RegisterKind Kind, int Index, int Number);

internal enum RegisterKind
{
    Word,
    Long,
    Predicate,
}

/// <summary>How many registers a module has.</summary>
internal readonly record struct RegisterFile(int Words, int Longs, int Predicates);
