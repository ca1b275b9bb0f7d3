using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

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
