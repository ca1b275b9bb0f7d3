using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>Random numbers for kernel tests, and weights in every format.</summary>
internal static class SparseCase
{
    public static readonly double[] Sparsities = [0, 0.5, 0.9, 0.99, 1];

    public static float[] Values(Random random, int count)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (float)((random.NextDouble() * 2) - 1);
        }

        return values;
    }

    public static float[] Sparse(Random random, int count, double sparsity)
    {
        float[] values = Values(random, count);
        for (int i = 0; i < count; i++)
        {
            if (random.NextDouble() < sparsity)
            {
                values[i] = 0f;
            }
        }

        return values;
    }

    public static T Pick<T>(Random random, params T[] choices) => choices[random.Next(choices.Length)];

    /// <summary>Row-major weights as CSR; <paramref name="index"/> turns (row, column) into what is stored.</summary>
    public static int AddCsr(
        BlobBuilder blob, WeightRecord record, float[] weights, float[] bias, Func<int, int, int> index)
    {
        var values = new List<float>();
        var indices = new List<uint>();
        uint[] pointers = new uint[record.Rows + 1];
        for (int row = 0; row < record.Rows; row++)
        {
            for (int column = 0; column < record.Columns; column++)
            {
                float weight = weights[(row * record.Columns) + column];
                if (weight != 0f)
                {
                    values.Add(weight);
                    indices.Add((uint)index(row, column));
                }
            }

            pointers[row + 1] = (uint)values.Count;
        }

        record.NonZeros = values.Count;
        Array stored = record.Format == WeightFormat.Csr16 ? indices.Select(i => checked((ushort)i)).ToArray() : indices.ToArray();
        return blob.Weight("weight", record, [.. values], stored, pointers, bias);
    }

    /// <summary>Row-major weights as windowed sliced ELL with rows in a random order.</summary>
    public static int AddSlicedEll(BlobBuilder blob, int rows, int columns, float[] weights, float[] bias, int lanes, int window, Random random)
    {
        int slices = (rows + lanes - 1) / lanes;
        int windows = (columns + window - 1) / window;
        int[] rowMap = Enumerable.Repeat(-1, slices * lanes).ToArray();
        int[] places = Enumerable.Range(0, slices * lanes).ToArray();
        random.Shuffle(places);
        for (int row = 0; row < rows; row++)
        {
            rowMap[places[row]] = row;
        }

        var values = new List<float>();
        var indices = new List<byte>();
        var pointers = new List<uint> { 0 };
        long nonZeros = 0;
        for (int slice = 0; slice < slices; slice++)
        {
            for (int w = 0; w < windows; w++)
            {
                int width = Math.Min(window, columns - (w * window));
                var entries = new List<(float, byte)>[lanes];
                for (int lane = 0; lane < lanes; lane++)
                {
                    int row = rowMap[(slice * lanes) + lane];
                    entries[lane] = [];
                    for (int i = 0; i < width && row >= 0; i++)
                    {
                        float weight = weights[(row * columns) + (w * window) + i];
                        if (weight != 0f)
                        {
                            entries[lane].Add((weight, (byte)i));
                            nonZeros++;
                        }
                    }
                }

                int count = entries.Max(e => e.Count);
                for (int e = 0; e < count; e++)
                {
                    for (int lane = 0; lane < lanes; lane++)
                    {
                        (float value, byte index) = e < entries[lane].Count ? entries[lane][e] : (0f, (byte)random.Next(width));
                        values.Add(value);
                        indices.Add(index);
                    }
                }

                pointers.Add(pointers[^1] + (uint)count);
            }
        }

        var record = new WeightRecord
        {
            Format = WeightFormat.SlicedEll,
            Rows = rows,
            Columns = columns,
            Groups = 1,
            NonZeros = nonZeros,
            Lanes = lanes,
            Window = window,
        };
        return blob.Weight("weight", record, [.. values], indices.ToArray(), [.. pointers], bias, rowMap);
    }
}
