using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Files.PyTorch;

/// <summary>A view of a storage, as the pickle describes it: unchecked until it is read.</summary>
/// <param name="Storage">Where its elements lie.</param>
/// <param name="Offset">Its first element.</param>
/// <param name="Sizes">Elements of each dimension.</param>
/// <param name="Strides">Elements of the storage from one to the next, of each dimension.</param>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, long[] Sizes, long[] Strides)
{
    private const int MostDimensions = 8;

    /// <summary>Its elements, once all of its numbers are known to make sense.</summary>
    /// <exception cref="PyTorchFileException">It is empty, too large, or does not fit into its storage.</exception>
    public int CheckedCount(string name)
    {
        if (Sizes.Length != Strides.Length || Sizes.Length > MostDimensions)
        {
            throw new PyTorchFileException($"tensor '{name}' has {Sizes.Length} sizes and {Strides.Length} strides; at most {MostDimensions} of both are read");
        }

        if (Sizes.Contains(0))
        {
            throw new PyTorchFileException($"tensor '{name}' is empty");
        }

        // No number may exceed the storage's elements, so that no product of two overflows 128 bits, nor their sum.
        Int128 count = 1;
        Int128 last = Offset;
        bool odd = Offset < 0;
        for (int i = 0; i < Sizes.Length && !odd; i++)
        {
            odd = Sizes[i] < 0 || Strides[i] < 0 || Sizes[i] > Storage.Count;
            count *= odd ? 1 : Sizes[i];
            last += odd ? 0 : (Int128)(Sizes[i] - 1) * Strides[i];
            odd |= count > Storage.Count;
        }

        return odd || last >= Storage.Count
            ? throw new PyTorchFileException(
                $"tensor '{name}' of the sizes [{string.Join(", ", Sizes)}] with the strides [{string.Join(", ", Strides)}] from element {Offset} does not fit into its storage of {Storage.Count} elements")
            : count > Array.MaxLength / sizeof(float)
            ? throw new PyTorchFileException($"tensor '{name}' has {count} elements, too many for a weight")
            : (int)count;
    }

    /// <summary>Its elements as fp32, row-major.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="bytes">All of its storage.</param>
    public Weight ToWeight(string name, ReadOnlySpan<byte> bytes)
    {
        float[] values = new float[CheckedCount(name)];
        if (IsContiguous)
        {
            Storage.Type.ReadAll(bytes[(int)(Offset * Storage.Type.Bytes)..], values);
        }
        else
        {
            Gather(bytes, values);
        }

        int notFinite = Array.FindIndex(values, v => !float.IsFinite(v));
        return notFinite < 0
            ? new Weight(name, new TensorShape([.. Sizes.Select(size => (int)size)]), values)
            : throw new PyTorchFileException($"tensor '{name}' has {values[notFinite]} as element {notFinite}; weights must be finite");
    }

    private bool IsContiguous
    {
        get
        {
            long expected = 1;
            for (int i = Sizes.Length - 1; i >= 0; i--)
            {
                if (Sizes[i] != 1 && Strides[i] != expected)
                {
                    return false;
                }

                expected *= Sizes[i];
            }

            return true;
        }
    }

    private void Gather(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        Span<long> index = stackalloc long[Sizes.Length];
        long element = Offset;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Storage.Type.Read(bytes.Slice((int)(element * Storage.Type.Bytes), Storage.Type.Bytes));
            for (int d = Sizes.Length - 1; d >= 0; d--)
            {
                element += Strides[d];
                if (++index[d] < Sizes[d])
                {
                    break;
                }

                element -= Sizes[d] * Strides[d];
                index[d] = 0;
            }
        }
    }
}
