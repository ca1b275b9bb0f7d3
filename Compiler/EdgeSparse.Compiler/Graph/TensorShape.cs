using System.Collections.Immutable;
using System.Globalization;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>The dimensions of a tensor, outermost first. Only the batch dimension of an activation may be symbolic.</summary>
public readonly struct TensorShape : IEquatable<TensorShape>
{
    /// <summary>The value that stands for a symbolic batch dimension.</summary>
    public const int Symbolic = -1;

    private readonly ImmutableArray<int> dims;

    /// <param name="dims">Dimensions, each positive, or <see cref="Symbolic"/> in the first place.</param>
    /// <exception cref="GraphException">A dimension is zero or negative, or the element count overflows.</exception>
    public TensorShape(params ReadOnlySpan<int> dims)
    {
        long elements = 1;
        for (int i = 0; i < dims.Length; i++)
        {
            if (dims[i] == Symbolic && i == 0)
            {
                continue;
            }

            if (dims[i] <= 0)
            {
                throw new GraphException($"a shape has the dimension {dims[i]} in place {i}; dimensions are positive");
            }

            elements *= dims[i];
            if (elements > int.MaxValue)
            {
                throw new GraphException($"a shape of more than {int.MaxValue} elements is not supported");
            }
        }

        this.dims = ImmutableArray.Create(dims);
    }

    public ImmutableArray<int> Dims => dims.IsDefault ? [] : dims;

    public int Rank => Dims.Length;

    public int this[int index] => Dims[index];

    public bool IsBatchSymbolic => Rank > 0 && Dims[0] == Symbolic;

    /// <summary>Number of elements, a symbolic batch counted as one.</summary>
    public int ElementCount
    {
        get
        {
            int count = 1;
            foreach (int d in Dims)
            {
                count *= d == Symbolic ? 1 : d;
            }

            return count;
        }
    }

    /// <summary>This shape with its first dimension replaced.</summary>
    public TensorShape WithBatch(int batch)
    {
        int[] copy = [.. Dims];
        copy[0] = batch;
        return new TensorShape(copy);
    }

    public bool Equals(TensorShape other) => Dims.AsSpan().SequenceEqual(other.Dims.AsSpan());

    public override bool Equals(object? obj) => obj is TensorShape other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (int d in Dims)
        {
            hash.Add(d);
        }

        return hash.ToHashCode();
    }

    public static bool operator ==(TensorShape left, TensorShape right) => left.Equals(right);

    public static bool operator !=(TensorShape left, TensorShape right) => !left.Equals(right);

    /// <summary>For example <c>N×1×28×28</c>.</summary>
    public override string ToString() =>
        Rank == 0 ? "scalar" : string.Join('×', Dims.Select(d => d == Symbolic ? "N" : d.ToString(CultureInfo.InvariantCulture)));
}
