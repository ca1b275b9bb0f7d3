using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// An activation's shape as planes: N×C×H×W of one sample is C planes, N×C×L is C planes of one row, N×C is C planes of one
/// pixel. Any other shape is a vector of its elements, each a plane.
/// </summary>
internal readonly record struct PlaneShape(int Channels, int Height, int Width)
{
    /// <param name="shape">A symbolic batch is one sample.</param>
    public static PlaneShape Of(TensorShape shape)
    {
        bool isOneSample = shape.Rank > 0 && (shape.IsBatchSymbolic || shape[0] == 1);
        return shape.Rank switch
        {
            2 when isOneSample => new PlaneShape(shape[1], 1, 1),
            3 when isOneSample => new PlaneShape(shape[1], 1, shape[2]),
            4 when isOneSample => new PlaneShape(shape[1], shape[2], shape[3]),
            _ => new PlaneShape(shape.ElementCount, 1, 1),
        };
    }

    /// <summary>One pixel a plane: such a value is a vector, contiguous by nature.</summary>
    public bool IsVector => Height == 1 && Width == 1;

    public int Pixels => Height * Width;
}
