using System.Runtime.Intrinsics;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>Copies elements to other places: slices, pads, transposes, gathers, joins.</summary>
internal static unsafe class Rearrange
{
    /// <summary>Elements of a row that one worker copies.</summary>
    private const int Piece = 1 << 13;

    /// <summary>Rows of the output that are transposed together: their elements are a cache line of the input.</summary>
    private const int Block = 16;

    public static void Run(Step* step, int worker, int workers)
    {
        var table = (RearrangeTable*)step->Table;
        bool isTransposed = table->Column.Length != 0;
        int parts = isTransposed ? (table->Column.Length + Block - 1) / Block
            : table->Row.Places == null ? (table->Row.Length + Piece - 1) / Piece
            : 1;
        (int first, int end) = WorkerRange.Of(table->Places * parts, worker, workers);
        for (int i = first; i < end; i++)
        {
            float* from = step->Input.Slots + table->In;
            float* to = step->Output.Slots + table->Out;
            bool isFilled = table->IsFilled != 0;
            int place = i / parts;
            for (int d = table->OuterCount - 1; d >= 0; d--)
            {
                RearrangeDimension* dimension = table->Outer + d;
                int index = place % dimension->Length;
                place /= dimension->Length;
                to += index * dimension->OutStride;
                nint at = dimension->Places == null ? index * dimension->InStep : dimension->Places[index];
                isFilled |= at < 0 && dimension->Places != null;
                from += at;
            }

            int part = i % parts;
            if (isTransposed)
            {
                int row = part * Block;
                Transpose(table, from + row, to + (row * table->Column.OutStride), Math.Min(Block, table->Column.Length - row), isFilled, step->ActivationA);
            }
            else
            {
                Row(table, from, to, part * Piece, isFilled, step->ActivationA);
            }
        }
    }

    private static void Row(RearrangeTable* table, float* from, float* to, int at, bool isFilled, float fill)
    {
        ref readonly RearrangeDimension row = ref table->Row;
        int count = row.Places == null ? Math.Min(Piece, row.Length - at) : row.Length;
        to += at * row.OutStride;
        if (isFilled)
        {
            Strided(&fill, 0, to, row.OutStride, count);
        }
        else if (row.Places == null)
        {
            Strided(from + (at * row.InStep), row.InStep, to, row.OutStride, count);
        }
        else if (table->Runs != null)
        {
            for (RearrangeRun* run = table->Runs, stop = run + table->RunCount; run < stop; run++)
            {
                bool isFill = run->Place < 0;
                Strided(isFill ? &fill : from + run->Place, isFill ? 0 : 1, to + run->At, 1, run->Length);
            }
        }
        else
        {
            for (int i = 0; i < count; i++, to += row.OutStride)
            {
                int place = row.Places[i];
                *to = place < 0 ? fill : from[place];
            }
        }
    }

    private static void Strided(float* from, nint inStep, float* to, nint outStride, int count)
    {
        if (outStride == 1 && inStep == 1)
        {
            Rows.Copy(from, to, count);
        }
        else if (outStride == 1 && inStep == 0)
        {
            new Span<float>(to, count).Fill(*from);
        }
        else
        {
            for (int i = 0; i < count; i++, from += inStep, to += outStride)
            {
                *to = *from;
            }
        }
    }

    /// <summary>Some rows of the output, which are consecutive elements of the input.</summary>
    private static void Transpose(RearrangeTable* table, float* from, float* to, int rows, bool isFilled, float fill)
    {
        nint outStride = table->Column.OutStride;
        nint inStep = table->Row.InStep;
        int length = table->Row.Length;
        int wholeRows = isFilled ? 0 : rows & -4;
        int whole = isFilled ? 0 : length & -4;
        for (int i = 0; i < whole; i += 4)
        {
            float* source = from + (i * inStep);
            float* target = to + i;
            for (int row = 0; row < wholeRows; row += 4, source += 4, target += 4 * outStride)
            {
                Tile4x4.Transpose(
                    Vector128.Load(source), Vector128.Load(source + inStep),
                    Vector128.Load(source + (2 * inStep)), Vector128.Load(source + (3 * inStep)),
                    target, target + outStride, target + (2 * outStride), target + (3 * outStride));
            }
        }

        for (int row = 0; row < rows; row++)
        {
            int done = row < wholeRows ? whole : 0;
            float* source = isFilled ? &fill : from + row + (done * inStep);
            Strided(source, isFilled ? 0 : inStep, to + (row * outStride) + done, 1, length - done);
        }
    }
}
