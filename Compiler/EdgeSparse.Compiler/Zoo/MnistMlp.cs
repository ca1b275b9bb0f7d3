using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Zoo;

/// <summary>
/// 784-40-20-10 without biases: the network for handwritten digits that the program of Singh and Alistarh 2020, "WoodFisher",
/// prunes in one shot, with the scaling of pixels that its published weights need.
/// </summary>
internal static class MnistMlp
{
    private static readonly InputScaling Scaling = new([0.1307f], [0.3081f]);

    public static NetworkBuilder Create(TensorShape input, int classes)
    {
        NetworkBuilder network = new("mnist-mlp", input);
        if (input.Rank != 2)
        {
            network.Flatten();
        }

        if (input.Rank == 4 && input[1] == 1)
        {
            network.Scaled(Scaling);
        }

        return network
            .FullyConnected("fc1", 40, bias: false).Relu()
            .FullyConnected("fc2", 20, bias: false).Relu()
            .FullyConnected("fc3", classes, bias: false);
    }
}
