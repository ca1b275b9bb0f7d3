using System.Runtime.InteropServices;

namespace EdgeSparse.Runtime.Offload;

/// <summary>
/// Weights, offsets and other tables of a plan, one after the other in 32-bit words: what is copied to an accelerator once. Every
/// table begins at a multiple of four words, so that kernels can load four at once.
/// </summary>
internal sealed class ConstantTable
{
    private const int Alignment = 4;

    // Word 0 belongs to no table: 0 says that there is none.
    private readonly List<int> words = [0, 0, 0, 0];

    public ReadOnlySpan<int> Words => CollectionsMarshal.AsSpan(words);

    /// <exception cref="EdgeSparseException">There are more than 2³¹ words.</exception>
    public int Add(ReadOnlySpan<int> table)
    {
        int place = words.Count;
        long count = ((long)place + table.Length + Alignment - 1) & -Alignment;
        if (count > Array.MaxLength)
        {
            throw new EdgeSparseException("the model's weights are more than " + Array.MaxLength + " words, which is more than a device plan can hold");
        }

        words.AddRange(table);
        while (words.Count < count)
        {
            words.Add(0);
        }

        return place;
    }

    public int Add(ReadOnlySpan<float> table) => Add(MemoryMarshal.Cast<float, int>(table));
}
