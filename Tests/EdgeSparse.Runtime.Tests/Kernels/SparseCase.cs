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

    /// <summary>Row-major weights as sliced ELL with rows in a random order and windows that begin somewhat too early.</summary>
    public static int AddSlicedEll(
        BlobBuilder blob, int rows, int columns, float[] weights, float[] bias, int lanes, int window, int entries, Random random)
    {
        int slices = (rows + lanes - 1) / lanes;
        int bands = (columns + 63) / 64;
        int[] rowMap = Enumerable.Repeat(-1, slices * lanes).ToArray();
        int[] places = Enumerable.Range(0, slices * lanes).ToArray();
        if (random.Next(3) != 0)
        {
            random.Shuffle(places);
        }

        for (int row = 0; row < rows; row++)
        {
            rowMap[places[row]] = row;
        }

        var values = new List<float>();
        var indices = new List<byte>();
        var starts = new List<ushort>();
        var pointers = new List<uint> { 0 };
        for (int slice = 0; slice < slices; slice++)
        {
            Queue<int>[] left =
            [
                .. rowMap.AsSpan(slice * lanes, lanes).ToArray().Select(row => new Queue<int>(
                    Enumerable.Range(0, columns).Where(column => row >= 0 && weights[(row * columns) + column] != 0f))),
            ];
            for (int band = 0; band < bands; band++)
            {
                while (left.Min(lane => lane.Count == 0 ? columns : lane.Peek()) is var first && first < Math.Min(columns, (band + 1) * 64))
                {
                    int start = Math.Max(band * 64, first - random.Next(Math.Min(window, 5)));
                    starts.Add((ushort)start);
                    for (int i = 0; i < entries * lanes; i++)
                    {
                        int row = rowMap[(slice * lanes) + (i % lanes)];
                        bool has = left[i % lanes].TryPeek(out int column) && column < start + window;
                        column = has ? left[i % lanes].Dequeue() : start + random.Next(Math.Min(window, columns - start));
                        values.Add(has ? weights[(row * columns) + column] : 0f);
                        indices.Add((byte)(column - start));
                    }
                }

                pointers.Add((uint)starts.Count);
            }
        }

        var record = new WeightRecord
        {
            Format = WeightFormat.SlicedEll,
            Rows = rows,
            Columns = columns,
            Groups = 1,
            NonZeros = weights.Count(w => w != 0),
            Lanes = lanes,
            Window = window,
            BlockColumns = entries,
        };
        return blob.Weight("weight", record, [.. values], indices.ToArray(), [.. pointers], bias, rowMap, starts.ToArray());
    }
}
