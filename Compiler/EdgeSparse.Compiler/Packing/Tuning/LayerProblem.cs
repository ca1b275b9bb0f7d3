using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>A layer with a weight as its kernel meets it in a network.</summary>
/// <param name="Matrix">The weight.</param>
/// <param name="Window">Of a convolution; all zero for a fully connected layer.</param>
/// <param name="Input">Layout of the value that it reads.</param>
/// <param name="Output">Layout of the value that it writes.</param>
/// <param name="Activation">What it does to its results.</param>
/// <param name="Inputs">How many of a fully connected layer's inputs are not zero, where that is known and may matter.</param>
internal sealed record LayerProblem(
    WeightMatrix Matrix, Window2d Window, ValueLayout Input, ValueLayout Output, LayerActivation Activation, NonZeroInputs? Inputs = null)
{
    /// <summary>Whether its kernel is that of a convolution; a 1×1 convolution of one pixel is a fully connected layer.</summary>
    public bool IsConvolution => Matrix.IsConvolution;
}
