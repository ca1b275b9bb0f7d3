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

    /// <summary>Row-major weights as windowed sliced ELL with rows in a random order.</summary>
    public static int AddSlicedEll(BlobBuilder blob, int rows, int columns, float[] weights, float[] bias, int lanes, int window, Random random)
    {
        int slices = (rows + lanes - 1) / lanes;
        int windows = (columns + window - 1) / window;
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
        var entryWindows = new List<ushort>();
        var pointers = new List<uint> { 0 };
        for (int slice = 0; slice < slices; slice++)
        {
            List<(float Weight, byte Index)>[][] cells =
            [
                .. Enumerable.Range(0, windows).Select(w => rowMap.AsSpan(slice * lanes, lanes).ToArray()
                    .Select(row => Cell(weights, row, columns, w * window, Math.Min(columns, (w + 1) * window))).ToArray()),
            ];
            for (int unit = 4; unit >= 1; unit /= 2)
            {
                for (int w = 0; w < windows; w++)
                {
                    int longest = cells[w].Max(c => c.Count);
                    int first = unit == 4 ? 0 : longest / (2 * unit) * 2 * unit;
                    int end = longest / unit * unit;
                    for (int e = first; e < end; e++)
                    {
                        foreach (List<(float Weight, byte Index)> lane in cells[w])
                        {
                            byte padding = (byte)random.Next(Math.Min(window, columns - (w * window)));
                            (float weight, byte index) = e < lane.Count ? lane[e] : (0f, padding);
                            values.Add(weight);
                            indices.Add(index);
                        }

                        entryWindows.Add((ushort)w);
                    }

                    pointers.Add((uint)entryWindows.Count);
                }
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
        };
        return blob.Weight("weight", record, [.. values], indices.ToArray(), [.. pointers], bias, rowMap, [.. entryWindows]);
    }

    private static List<(float Weight, byte Index)> Cell(float[] weights, int row, int columns, int start, int end)
    {
        var cell = new List<(float, byte)>();
        for (int column = start; row >= 0 && column < end; column++)
        {
            if (weights[(row * columns) + column] != 0f)
            {
                cell.Add((weights[(row * columns) + column], (byte)(column - start)));
            }
        }

        return cell;
    }
}
