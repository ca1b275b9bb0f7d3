using System.Numerics;
using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Loops over rows of consecutive elements. What becomes of an element does not depend on its place: rests go through a whole
/// vector. So workers may cut rows anywhere.
/// </summary>
internal static unsafe class Rows
{
    /// <summary>Elements of the widest vector there is.</summary>
    public const int MostLanes = 16;

    /// <summary>y = f(x); y may be x.</summary>
    [SkipLocalsInit]
    public static void Map<TFunction>(float* x, float* y, int count, float a, float b)
        where TFunction : struct, IElementFunction
    {
        int width = Vector<float>.Count;
        int i = 0;
        for (; i + width <= count; i += width)
        {
            TFunction.Of(Vector.Load(x + i), a, b).Store(y + i);
        }

        if (i < count)
        {
            float* rest = stackalloc float[MostLanes];
            Copy(x + i, rest, count - i);
            TFunction.Of(Vector.Load(rest), a, b).Store(rest);
            Copy(rest, y + i, count - i);
        }
    }

    /// <summary>
    /// z = f(x, y). An operand with the step 1 is a row; with the step 0 it is a vector of <see cref="MostLanes"/> elements that stands
    /// for every place. z may be x or y.
    /// </summary>
    [SkipLocalsInit]
    public static void Pair<TFunction>(float* x, nint xStep, float* y, nint yStep, float* z, int count)
        where TFunction : struct, IPairFunction
    {
        int width = Vector<float>.Count;
        nint xWidth = xStep * width;
        nint yWidth = yStep * width;
        int i = 0;
        for (; i + width <= count; i += width, x += xWidth, y += yWidth)
        {
            TFunction.Of(Vector.Load(x), Vector.Load(y)).Store(z + i);
        }

        if (i < count)
        {
            float* rest = stackalloc float[2 * MostLanes];
            Copy(x, rest, count - i);
            Copy(y, rest + MostLanes, count - i);
            TFunction.Of(Vector.Load(rest), Vector.Load(rest + MostLanes)).Store(rest);
            Copy(rest, z + i, count - i);
        }
    }

    /// <summary>The elements of an operand with any stride as <see cref="Pair"/> wants them.</summary>
    /// <param name="from">The first element.</param>
    /// <param name="stride">Elements from one to the next.</param>
    /// <param name="count">How many are wanted.</param>
    /// <param name="buffer">Room for as many, and for <see cref="MostLanes"/>.</param>
    /// <param name="step">1 or 0.</param>
    public static float* Take(float* from, nint stride, int count, float* buffer, out nint step)
    {
        step = stride == 0 ? 0 : 1;
        if (stride == 1)
        {
            return from;
        }

        if (stride == 0)
        {
            new Span<float>(buffer, MostLanes).Fill(*from);
            return buffer;
        }

        for (int i = 0; i < count; i++, from += stride)
        {
            buffer[i] = *from;
        }

        return buffer;
    }

    public static void Copy(float* from, float* to, int count) => new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));
}
