using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Packing;

/// <summary>What a value of the graph is in the lowered network before a reader asks for it.</summary>
internal abstract record ValueForm;

/// <summary>A value that a node writes, under its own or another name.</summary>
internal sealed record Written(string Value) : ValueForm;

/// <summary>A constant of the graph.</summary>
internal sealed record Literal(string Weight) : ValueForm;

/// <summary>Elements of a value, moved.</summary>
/// <param name="Source">A written value, or joined ones that are no single value.</param>
/// <param name="Fill">The constant where a place is none.</param>
internal sealed record Moved(string Source, SeparableMap Map, float Fill) : ValueForm;

/// <summary>Whole channels of written maps.</summary>
/// <param name="Channels">One an output channel; channel <see cref="SeparableMap.Fill"/> is one of zeros.</param>
internal sealed record ChannelJoin(ImmutableArray<(string Source, int Channel)> Channels) : ValueForm
{
    public bool HasFill => Channels.Any(c => c.Channel == SeparableMap.Fill);
}

/// <summary>Parts of written values, which make the value up.</summary>
internal sealed record Joined(ImmutableArray<MapPart> Parts) : ValueForm;

/// <summary>A part of a value: the element at (o₀, o₁, …) of the map lies at Offset + Σ o_d · Strides[d].</summary>
/// <param name="Source">A written value.</param>
/// <param name="Map">Without constants, where it is not the only part.</param>
internal sealed record MapPart(string Source, SeparableMap Map, int Offset, ImmutableArray<int> Strides)
{
    /// <summary>The whole of a value.</summary>
    public static MapPart Whole(string source, SeparableMap map) => new(source, map, 0, RowMajor(map));

    /// <summary>Elements from one to the next of each dimension of a map that lies in row-major order.</summary>
    public static ImmutableArray<int> RowMajor(SeparableMap map)
    {
        int[] strides = new int[map.Places.Length];
        int stride = 1;
        for (int d = strides.Length - 1; d >= 0; d--)
        {
            strides[d] = stride;
            stride *= map.Places[d].Length;
        }

        return [.. strides];
    }
}
