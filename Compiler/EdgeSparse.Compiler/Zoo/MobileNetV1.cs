using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Zoo;

/// <summary>
/// Howard et al. 2017, "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications", table 1, at the
/// width multiplier 1; layers named as in Keras. Every convolution has a batch normalisation and no bias. Padding is the same
/// on all sides, as in PyTorch's ports; strides of 2 in TensorFlow pad below and on the right only.
/// </summary>
internal static class MobileNetV1
{
    /// <summary>Outputs and stride of each depthwise-separable block.</summary>
    private static readonly (int Outputs, int Stride)[] Blocks =
    [
        (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
        (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1),
    ];

    public static NetworkBuilder Create(TensorShape input, int classes)
    {
        ZooRules.NeedImage("mobilenet-v1", input, smallest: 32);
        NetworkBuilder network = new NetworkBuilder("mobilenet-v1", input)
            .Convolution("conv1", 32, Window2d.Square(3, 2, 1), bias: false).BatchNorm("conv1_bn").Relu();
        for (int i = 0; i < Blocks.Length; i++)
        {
            string depthwise = $"conv_dw_{i + 1}";
            string pointwise = $"conv_pw_{i + 1}";
            int channels = network.Shape[1];
            network
                .Convolution(depthwise, channels, Window2d.Square(3, Blocks[i].Stride, 1), groups: channels, bias: false).BatchNorm($"{depthwise}_bn").Relu()
                .Convolution(pointwise, Blocks[i].Outputs, Window2d.Square(1), bias: false).BatchNorm($"{pointwise}_bn").Relu();
        }

        return network.GlobalAveragePool("pool").Flatten().FullyConnected("fc", classes);
    }
}
