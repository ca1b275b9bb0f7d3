using System.Collections.Immutable;

namespace EdgeSparse.Runtime;

/// <summary>An input or output of a network.</summary>
/// <param name="Name">Its name in the network.</param>
/// <param name="Shape">Its dimensions, a batch dimension of 1 first.</param>
/// <param name="ElementCount">The product of <paramref name="Shape"/>.</param>
/// <param name="Scaling">How pixels become this input; null when the network does not say.</param>
public sealed record TensorInfo(string Name, ImmutableArray<int> Shape, int ElementCount, PixelScaling? Scaling)
{
    /// <summary>The shape for messages, for example <c>1×1×28×28</c>.</summary>
    internal string ShapeText
    {
        get
        {
            string text = "";
            foreach (int dimension in Shape)
            {
                text = text.Length == 0 ? dimension.ToString() : text + "×" + dimension;
            }

            return text;
        }
    }
}

/// <summary>input = (pixel / 255 − mean) / std, per channel, in channel-row-column order.</summary>
/// <param name="Mean">One value a channel.</param>
/// <param name="Std">One positive value a channel.</param>
public sealed record PixelScaling(ImmutableArray<float> Mean, ImmutableArray<float> Std);
