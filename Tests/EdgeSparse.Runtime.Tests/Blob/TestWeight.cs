using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Tests.Blob;

/// <summary>
/// Packs row-major weights into any format but SlicedEll, for tests, by the words of docs/format.md alone.
/// Weights are [rows, columns] with columns in the order (input channel of the group, kernel row, kernel column).
/// </summary>
internal sealed class TestWeight
{
    private readonly float[] weights;
    private readonly float[] bias;
    private readonly ValueRecord source;
    private readonly OperationRecord window;
    private readonly int groups;
    private readonly int columns;
    private readonly int positions;
    private readonly int groupRows;
    private readonly int groupChannels;

    private readonly List<float> values = [];
    private readonly List<uint> indices = [];
    private readonly List<ushort> places = [];
    private readonly List<uint> pointers = [0];
    private WeightRecord record;

    private TestWeight(WeightRecord record, ValueRecord source, OperationRecord window, float[] weights, float[] bias)
    {
        this.record = record;
        this.source = source;
        this.window = window;
        this.weights = weights;
        this.bias = bias;
        groups = record.Groups;
        columns = record.Columns;
        positions = window.KernelY * window.KernelX;
        groupRows = record.Rows / groups;
        groupChannels = columns / positions;
    }

    /// <summary>Adds a convolution's weight; returns its index.</summary>
    /// <param name="blob">Where it goes, with the value <paramref name="input"/>.</param>
    /// <param name="format">Any but SlicedEll.</param>
    /// <param name="input">The value that the convolution reads.</param>
    /// <param name="window">Kernel, padding and dilation.</param>
    /// <param name="groups">Groups of channels.</param>
    /// <param name="weights">All weights, row-major.</param>
    /// <param name="bias">As many as there are rows.</param>
    /// <param name="blockRows">Bsr: rows a block; NofM: N; Dense has 4 whatever is given.</param>
    /// <param name="blockColumns">Bsr: columns a block; NofM: M.</param>
    /// <param name="chunks">Parts of the input channels.</param>
    public static int Conv(
        BlobBuilder blob, WeightFormat format, int input, OperationRecord window, int groups, float[] weights, float[] bias,
        int blockRows = 0, int blockColumns = 0, int chunks = 1)
    {
        ValueRecord source = blob.Values[input];
        var record = new WeightRecord
        {
            Format = format,
            Rows = bias.Length,
            Columns = weights.Length / bias.Length,
            Groups = groups,
            NonZeros = weights.Count(w => w != 0),
            Rank = 4,
            Dim0 = bias.Length,
            Dim1 = source.Channels / groups,
            Dim2 = window.KernelY,
            Dim3 = window.KernelX,
            BlockRows = format == WeightFormat.Dense ? 4 : blockRows,
            BlockColumns = blockColumns,
            Chunks = chunks,
            IndexUnit = format is WeightFormat.Csr16 or WeightFormat.CsrDelta8 or WeightFormat.Bsr16 ? source.Lanes : 1,
            ColumnStride = blockColumns > 1 || format == WeightFormat.Depthwise ? source.ChannelStride : 0,
        };
        return new TestWeight(record, source, window, weights, bias).Add(blob);
    }

    /// <summary>Adds a fully connected layer's weight; returns its index.</summary>
    public static int Linear(
        BlobBuilder blob, WeightFormat format, int rows, int columns, float[] weights, float[] bias, int blockRows = 0,
        int blockColumns = 0)
    {
        var record = new WeightRecord
        {
            Format = format,
            Rows = rows,
            Columns = columns,
            Groups = 1,
            NonZeros = weights.Count(w => w != 0),
            BlockRows = blockRows,
            BlockColumns = blockColumns,
            ColumnStride = blockColumns > 1 ? 1 : 0,
        };
        if (format == WeightFormat.Dense)
        {
            return blob.Weight("weight", record, weights, null, null, bias);
        }

        var vector = new ValueRecord { Channels = columns, ChannelStride = 1, Lanes = 1, RowStride = 1 };
        return new TestWeight(record, vector, new OperationRecord { KernelY = 1, KernelX = 1 }, weights, bias).Add(blob);
    }

    private int Add(BlobBuilder blob)
    {
        record.Chunks = Math.Max(record.Chunks, 1);
        record.IndexUnit = Math.Max(record.IndexUnit, 1);
        switch (record.Format)
        {
            case WeightFormat.Dense:
                PackDense();
                return blob.Weight("weight", record, [.. values], indices.ToArray(), null, bias);
            case WeightFormat.Depthwise:
                uint[] first = [.. Enumerable.Range(0, columns).Select(column => Index(0, column))];
                return blob.Weight("weight", record, weights, first, null, bias);
            case WeightFormat.Csr16 or WeightFormat.Csr32:
                PackRows(Csr);
                return blob.Weight("weight", record, [.. values], Indices(record.Format == WeightFormat.Csr16), [.. pointers], bias);
            case WeightFormat.CsrDelta8:
                uint[] bases = [.. Enumerable.Range(0, record.Chunks).Select(chunk => ChunkIndices(chunk).Min())];
                PackRows((chunk, row) => Deltas(chunk, row, bases[chunk]));
                byte[] deltas = [.. indices.Select(d => checked((byte)d))];
                return blob.Weight("weight", record, [.. values], deltas, [.. pointers], bias, null, bases);
            case WeightFormat.Bsr16 or WeightFormat.Bsr32:
                PackBlocks();
                return blob.Weight("weight", record, [.. values], Indices(record.Format == WeightFormat.Bsr16), [.. pointers], bias);
            case WeightFormat.Csc16:
                PackColumns();
                return blob.Weight("weight", record, [.. values], Indices(narrow: true), [.. pointers], bias);
            case WeightFormat.NofM:
                PackRows(NofM);
                return blob.Weight("weight", record, [.. values], indices.ToArray(), [.. pointers], bias, null, places.ToArray());
            default:
                throw new ArgumentException("no test packs " + record.Format + " here");
        }
    }

    private Array Indices(bool narrow) => narrow ? indices.Select(i => checked((ushort)i)).ToArray() : indices.ToArray();

    /// <summary>Where output slot (0, 0) finds the column's input, in index units.</summary>
    private uint Index(int group, int column)
    {
        int channel = (group * groupChannels) + (column / positions);
        int ky = column % positions / window.KernelX;
        int kx = column % window.KernelX;
        long element = source.Origin + ((long)channel * source.ChannelStride)
            + (((long)(ky * window.DilationY) - window.PadTop) * source.RowStride)
            + (((long)(kx * window.DilationX) - window.PadLeft) * source.Lanes);
        return checked((uint)(element / record.IndexUnit));
    }

    private int ChunkOf(int channel) => (int)((long)channel * record.Chunks / groupChannels);

    private void PackRows(Action<int, int> row)
    {
        for (int chunk = 0; chunk < record.Chunks; chunk++)
        {
            for (int r = 0; r < record.Rows; r++)
            {
                row(chunk, r);
                pointers.Add((uint)indices.Count);
            }
        }
    }

    private void PackDense()
    {
        for (int g = 0; g < groups; g++)
        {
            for (int block = 0; block < groupRows; block += record.BlockRows)
            {
                for (int column = 0; column < columns; column++)
                {
                    AddColumn(g, block, column, false);
                }
            }

            indices.AddRange(Enumerable.Range(0, columns).Select(column => Index(g, column)));
        }
    }

    /// <summary>A column of a block of rows, zero where the group has no more rows.</summary>
    private void AddColumn(int group, int firstRow, int column, bool zero)
    {
        for (int r = firstRow; r < firstRow + record.BlockRows; r++)
        {
            values.Add(r < groupRows && !zero ? weights[(((group * groupRows) + r) * columns) + column] : 0f);
        }
    }

    private void Csr(int chunk, int row)
    {
        for (int column = 0; column < columns; column++)
        {
            if (weights[(row * columns) + column] != 0f && ChunkOf(column / positions) == chunk)
            {
                values.Add(weights[(row * columns) + column]);
                indices.Add(Index(row / groupRows, column));
            }
        }
    }

    private void PackColumns()
    {
        for (int first = 0; first < record.Rows; first += record.BlockRows)
        {
            for (int column = 0; column < columns; column++)
            {
                for (int row = first; row < Math.Min(record.Rows, first + record.BlockRows); row++)
                {
                    if (weights[(row * columns) + column] is not 0f and float value)
                    {
                        values.Add(value);
                        indices.Add((uint)(row - first));
                    }
                }

                pointers.Add((uint)indices.Count);
            }
        }
    }

    /// <summary>Every index of a chunk, which bridges may use.</summary>
    private IEnumerable<uint> ChunkIndices(int chunk) =>
        from g in Enumerable.Range(0, groups)
        from column in Enumerable.Range(0, columns)
        where ChunkOf(column / positions) == chunk
        select Index(g, column);

    private void Deltas(int chunk, int row, uint start)
    {
        uint[] bridges = [.. ChunkIndices(chunk).Order()];
        uint at = start;
        IEnumerable<int> kept = Enumerable.Range(0, columns)
            .Where(column => weights[(row * columns) + column] != 0f && ChunkOf(column / positions) == chunk)
            .OrderBy(column => Index(row / groupRows, column));
        foreach (int column in kept)
        {
            uint target = Index(row / groupRows, column);
            while (target - at > byte.MaxValue)
            {
                uint bridge = bridges.Last(b => b <= at + byte.MaxValue);
                if (bridge == at)
                {
                    throw new ArgumentException("a gap from " + at + " to " + target + " cannot be bridged");
                }

                values.Add(0f);
                indices.Add(bridge - at);
                at = bridge;
            }

            values.Add(weights[(row * columns) + column]);
            indices.Add(target - at);
            at = target;
        }
    }

    /// <summary>The first channel of a run of so many; the last run of a group begins earlier, so that all its channels exist.</summary>
    private int RunStart(int nominal, int length)
    {
        if (groupChannels < length)
        {
            throw new ArgumentException(groupChannels + " channels have no run of " + length);
        }

        return Math.Min(nominal, groupChannels - length);
    }

    private void PackBlocks()
    {
        int width = record.BlockColumns;
        for (int chunk = 0; chunk < record.Chunks; chunk++)
        {
            for (int g = 0; g < groups; g++)
            {
                for (int block = 0; block < groupRows; block += record.BlockRows)
                {
                    for (int nominal = 0; nominal < groupChannels; nominal += width)
                    {
                        for (int p = 0; p < positions && ChunkOf(nominal) == chunk; p++)
                        {
                            AddBlock(g, block, nominal, p);
                        }
                    }

                    pointers.Add((uint)indices.Count);
                }
            }
        }
    }

    private void AddBlock(int group, int firstRow, int nominal, int position)
    {
        int start = RunStart(nominal, record.BlockColumns);
        int before = values.Count;
        for (int channel = start; channel < start + record.BlockColumns; channel++)
        {
            AddColumn(group, firstRow, (channel * positions) + position, channel < nominal);
        }

        if (values.Skip(before).All(v => v == 0f))
        {
            values.RemoveRange(before, values.Count - before);
            return;
        }

        indices.Add(Index(group, (start * positions) + position));
    }

    private void NofM(int chunk, int row)
    {
        int n = record.BlockRows;
        int m = record.BlockColumns;
        for (int nominal = 0; nominal < groupChannels; nominal += m)
        {
            int start = RunStart(nominal, m);
            for (int p = 0; p < positions && ChunkOf(nominal) == chunk; p++)
            {
                int[] kept = [.. Enumerable.Range(nominal, Math.Min(m, groupChannels - nominal))
                    .Where(channel => weights[(row * columns) + (channel * positions) + p] != 0f)];
                foreach (int[] some in kept.Chunk(n))
                {
                    int bits = 0;
                    for (int k = 0; k < n; k++)
                    {
                        values.Add(k < some.Length ? weights[(row * columns) + (some[k] * positions) + p] : 0f);
                        bits |= k < some.Length ? (some[k] - start) << (4 * k) : 0;
                    }

                    places.Add((ushort)bits);
                    indices.Add(Index(row / groupRows, (start * positions) + p));
                }
            }
        }
    }
}
