using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Pixels of padding around a plane.</summary>
internal readonly record struct Border(int Top, int Left, int Bottom, int Right)
{
    public bool IsEmpty => this == default;

    /// <summary>The smallest border that has room for both.</summary>
    public Border Union(Border other) => new(
        Math.Max(Top, other.Top), Math.Max(Left, other.Left), Math.Max(Bottom, other.Bottom), Math.Max(Right, other.Right));
}

/// <summary>
/// Where the pixels of an activation lie in its memory, in elements: pixel (c, y, x) at Origin + c·PlaneStride +
/// y·RowStride + x.
/// </summary>
/// <param name="Elements">Elements reserved, border and slack included.</param>
/// <param name="ZeroBorder">Readers count on zeros in the border.</param>
internal sealed record PlaneLayout(
    int Channels, int Height, int Width, int Origin, int RowStride, int PlaneStride, int Elements, bool ZeroBorder)
{
    /// <summary>Elements of a 64-byte line, the widest vector.</summary>
    public const int Line = 16;

    /// <summary>Contiguous pixels in row-major order; what a fully connected layer reads and a network gives out.</summary>
    /// <param name="owner">The value's name, for messages.</param>
    /// <param name="minimumElements">Elements that a reader wants to be able to load, 0 for no such wish.</param>
    /// <exception cref="PackingException">More elements than 32 bits can count.</exception>
    public static PlaneLayout Compact(string owner, int channels, int height, int width, int minimumElements = 0)
    {
        long pixels = (long)channels * height * width;
        int elements = Reserved(owner, Math.Max(pixels + Line - 1, minimumElements));
        return new PlaneLayout(channels, height, width, 0, width, height * width, elements, ZeroBorder: false);
    }

    /// <summary>
    /// Planes with room for a border. A row's right border is the next row's left one, and a plane's bottom border the next
    /// plane's top one: what is zero for one is zero for both. Planes start at vector boundaries.
    /// </summary>
    /// <exception cref="PackingException">More elements than 32 bits can count.</exception>
    public static PlaneLayout Planar(string owner, int channels, int height, int width, Border border, int rowStride)
    {
        long plane = RoundUp((height + (long)Math.Max(border.Top, border.Bottom)) * rowStride);
        if (plane % 1024 == 0 && channels > 1)
        {
            // Planes 4 KiB apart would all fall into the same few cache sets.
            plane += Line;
        }

        long origin = RoundUp(((long)border.Top * rowStride) + border.Left);
        long end = origin + ((channels - 1L) * plane) + ((height - 1L + border.Bottom) * rowStride) + width + border.Right;
        int elements = Reserved(owner, end + Line - 1);
        return new PlaneLayout(channels, height, width, (int)origin, rowStride, (int)plane, elements, !border.IsEmpty);
    }

    /// <summary>The row stride that a border needs at least.</summary>
    public static int SmallestRowStride(int width, Border border) => width + Math.Max(border.Left, border.Right);

    /// <summary>Offset of pixel (0, 0) of the channel, from the value's start.</summary>
    public long OffsetOf(int channel, int y, int x) => Origin + ((long)channel * PlaneStride) + ((long)y * RowStride) + x;

    /// <summary>
    /// Up to the next line, so that the next value starts at one. The sizes above end with <c>+ Line − 1</c>: a kernel may
    /// load and store whole vectors at the last pixel.
    /// </summary>
    private static int Reserved(string owner, long elements)
    {
        long reserved = RoundUp(elements);
        return reserved <= int.MaxValue - Line
            ? (int)reserved
            : throw new PackingException($"the activation '{owner}' needs {reserved} elements with its padding; {int.MaxValue - Line} are possible");
    }

    private static long RoundUp(long elements) => (elements + Line - 1) / Line * Line;
}

/// <summary>An activation's shape as planes: a vector of N is N planes of one pixel, N×C×L is C planes of one row.</summary>
internal readonly record struct PlaneShape(int Channels, int Height, int Width)
{
    /// <exception cref="PackingException">The batch is fixed to more than one sample, or the rank is not 2 to 4.</exception>
    public static PlaneShape Of(string value, TensorShape shape)
    {
        if (shape.Rank is < 2 or > 4)
        {
            throw new PackingException($"the activation '{value}' has the shape {shape}; a blob holds activations of 2 to 4 dimensions, the batch included");
        }

        if (!shape.IsBatchSymbolic && shape[0] != 1)
        {
            throw new PackingException($"the activation '{value}' has the shape {shape}; a blob runs one sample at a time: give the model a symbolic batch or a batch of 1");
        }

        return shape.Rank switch
        {
            2 => new PlaneShape(shape[1], 1, 1),
            3 => new PlaneShape(shape[1], 1, shape[2]),
            _ => new PlaneShape(shape[1], shape[2], shape[3]),
        };
    }

    /// <summary>One pixel a plane: such a value is a vector, contiguous by nature.</summary>
    public bool IsVector => Height == 1 && Width == 1;
}
