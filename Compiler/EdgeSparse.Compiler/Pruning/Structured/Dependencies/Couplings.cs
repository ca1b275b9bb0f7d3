namespace EdgeSparse.Compiler.Pruning.Structured.Dependencies;

/// <summary>How strong a reason is: of several that hold a channel, the highest is told.</summary>
internal enum PinKind
{
    /// <summary>A row or column of pixels, or an axis of one position.</summary>
    Shape,
    Input,
    Output,

    /// <summary>An operator through which the dependency graph follows no channels.</summary>
    Operator,
}

/// <summary>Why positions cannot be removed.</summary>
internal sealed record Pin(PinKind Kind, string Reason);

/// <summary>
/// Positions of all axes, joined into sets that can only be removed together (disjoint sets, Tarjan 1975). A set is pinned when
/// one position in it cannot be removed.
/// </summary>
internal sealed class Couplings
{
    private readonly int[] parents;
    private readonly Pin?[] pins;
    private readonly bool[] keepsZero;

    public Couplings(int positions)
    {
        parents = [.. Enumerable.Range(0, positions)];
        pins = new Pin?[positions];
        keepsZero = new bool[positions];
        Array.Fill(keepsZero, true);
    }

    public int RootOf(int position)
    {
        while (parents[position] != position)
        {
            parents[position] = parents[parents[position]];
            position = parents[position];
        }

        return position;
    }

    public void Tie(int a, int b)
    {
        (a, b) = (RootOf(a), RootOf(b));
        if (a == b)
        {
            return;
        }

        // The lower one stays the root, so that numbering does not depend on the order of ties.
        (int root, int child) = a < b ? (a, b) : (b, a);
        parents[child] = root;
        pins[root] = Stronger(pins[root], pins[child]);
        keepsZero[root] &= keepsZero[child];
    }

    public void Hold(int position, Pin pin)
    {
        int root = RootOf(position);
        pins[root] = Stronger(pins[root], pin);
    }

    /// <summary>Zero parameters do not make this position zero, or its absence changes others.</summary>
    public void BreakZero(int position) => keepsZero[RootOf(position)] = false;

    public Pin? PinOf(int position) => pins[RootOf(position)];

    /// <summary>Whether the whole set is zero when its parameters are, and its absence then changes nothing.</summary>
    public bool KeepsZero(int position) => keepsZero[RootOf(position)];

    private static Pin? Stronger(Pin? a, Pin? b) => a is null ? b : b is null || a.Kind >= b.Kind ? a : b;
}
