using System.Runtime.InteropServices;

namespace EdgeSparse.PtxEmulator.Execution;

/// <summary>Pieces of memory that kernels may use; their addresses are those of this process.</summary>
public sealed unsafe class DeviceMemory
{
    /// <summary>What a driver aligns pieces to.</summary>
    private const int Alignment = 256;

    private Piece[] pieces = [];

    /// <summary>The one that was used last, which mostly is used next.</summary>
    private Piece? last;

    /// <summary>How many there are.</summary>
    public int Count => pieces.Length;

    /// <summary>Memory full of what is no number, as a device's may be.</summary>
    /// <param name="bytes">At least 1.</param>
    /// <returns>Its address.</returns>
    public nint Allocate(long bytes)
    {
        void* memory = NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
        NativeMemory.Fill(memory, (nuint)bytes, 0xFF);
        pieces = [.. pieces, new Piece((nint)memory, bytes)];
        return (nint)memory;
    }

    /// <summary>Gives a piece back.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Free(nint address)
    {
        int before = pieces.Length;
        pieces = [.. pieces.Where(p => p.Address != address)];
        last = null;
        if (pieces.Length == before)
        {
            return false;
        }

        NativeMemory.AlignedFree((void*)address);
        return true;
    }

    /// <summary>Whether some bytes are all in one piece.</summary>
    public bool Contains(ulong address, ulong bytes) => PieceAt(address, bytes) is not null;

    internal Piece? PieceAt(ulong address, ulong bytes)
    {
        if (last is { } known && known.Contains(address, bytes))
        {
            return known;
        }

        foreach (Piece piece in pieces)
        {
            if (piece.Contains(address, bytes))
            {
                last = piece;
                return piece;
            }
        }

        return null;
    }

    internal sealed record Piece(nint Address, long Bytes)
    {
        public History History { get; } = new((Bytes + sizeof(uint) - 1) / sizeof(uint));

        public bool Contains(ulong address, ulong bytes) =>
            address >= (ulong)Address && address - (ulong)Address <= (ulong)Bytes && bytes <= (ulong)Bytes - (address - (ulong)Address);
    }
}
