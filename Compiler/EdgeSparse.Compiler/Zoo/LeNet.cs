using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Zoo;

/// <summary>The two networks for handwritten digits that Han et al. 2015 prune (tables 2 and 3).</summary>
internal static class LeNet
{
    /// <summary>784-300-100-10 (LeCun et al. 1998, section III.C.4), with ReLU; any input, flattened.</summary>
    public static NetworkBuilder Net300100(TensorShape input, int classes)
    {
        NetworkBuilder network = new("lenet-300-100", input);
        if (input.Rank != 2)
        {
            network.Flatten();
        }

        return network
            .FullyConnected("fc1", 300).Relu()
            .FullyConnected("fc2", 100).Relu()
            .FullyConnected("fc3", classes);
    }

    /// <summary>
    /// 20-50-500-10 as in Caffe's examples/mnist, the form with 431 thousand parameters. Caffe has a ReLU after fc1 alone; here
    /// the convolutions have one too: max pooling already made the network nonlinear, but with ReLU it trains to a lower error
    /// from He's initialisation, which assumes it, and half of the activations become zeros. No weights come with it.
    /// </summary>
    public static NetworkBuilder Net5(TensorShape input, int classes)
    {
        ZooRules.NeedImage("lenet-5", input, smallest: 16);
        return new NetworkBuilder("lenet-5", input)
            .Convolution("conv1", 20, Window2d.Square(5)).Relu()
            .MaxPool("pool1", Window2d.Square(2, stride: 2))
            .Convolution("conv2", 50, Window2d.Square(5)).Relu()
            .MaxPool("pool2", Window2d.Square(2, stride: 2))
            .Flatten()
            .FullyConnected("fc1", 500).Relu()
            .FullyConnected("fc2", classes);
    }
}
