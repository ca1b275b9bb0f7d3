using System.Collections.Immutable;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Onnx.Import;

/// <summary>
/// The values of a sparse initializer, made dense when asked for: those stored at their places, row-major indices or one index a
/// dimension, and zeros elsewhere.
/// </summary>
/// <param name="name">The tensor's name, for messages.</param>
/// <param name="stored">The values that are not zero, a vector.</param>
/// <param name="indices">Their places, [stored] or [stored, rank].</param>
/// <param name="dims">Of the whole tensor.</param>
/// <param name="counted">Told how many elements are made, whenever they are.</param>
internal sealed class SparseValues(
    string name, ConstantTensor stored, ConstantTensor indices, ImmutableArray<int> dims, Action<long> counted) : TensorValues
{
    public override ElementType Type => stored.Type;

    public override float[] Floats() => Spread(stored.Floats());

    public override long[] Integers() => Spread(stored.Integers());

    private T[] Spread<T>(T[] values)
    {
        int count = (int)dims.Aggregate(1L, (product, d) => product * d);
        counted(count);
        long[] places = indices.Integers();
        int rank = places.Length == values.Length && indices.Dims.Length < 2 ? 1 : dims.Length;
        if (places.Length != (long)values.Length * rank)
        {
            throw Fail($"has {values.Length} values at {places.Length} indices for {dims.Length} dimensions");
        }

        T[] dense = new T[count];
        for (int i = 0; i < values.Length; i++)
        {
            dense[Place(places.AsSpan(i * rank, rank), count)] = values[i];
        }

        return dense;
    }

    private int Place(ReadOnlySpan<long> index, int count)
    {
        if (index.Length == 1 && dims.Length != 1)
        {
            return index[0] >= 0 && index[0] < count ? (int)index[0] : throw Fail($"has a value at the index {index[0]} of {count} elements");
        }

        long place = 0;
        for (int d = 0; d < index.Length; d++)
        {
            place = index[d] >= 0 && index[d] < dims[d]
                ? (place * dims[d]) + index[d]
                : throw Fail($"has a value at the index {index[d]} of {dims[d]} in dimension {d}");
        }

        return (int)place;
    }

    private OnnxFormatException Fail(string what) => new($"sparse tensor '{name}' {what}");
}
