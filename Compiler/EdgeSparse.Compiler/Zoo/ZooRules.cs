using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Zoo;

/// <summary>What an input must be for a network of the zoo.</summary>
internal static class ZooRules
{
    /// <exception cref="GraphException">The input is no picture, or one too small for the network's windows.</exception>
    public static void NeedImage(string network, TensorShape input, int smallest)
    {
        if (input.Rank != 4 || input[2] < smallest || input[3] < smallest)
        {
            throw new GraphException($"the zoo's '{network}' reads N×C×H×W with at least {smallest} rows and columns, not {input}");
        }
    }
}
