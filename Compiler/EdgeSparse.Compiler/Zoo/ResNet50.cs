using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Zoo;

/// <summary>
/// He et al. 2016, "Deep Residual Learning for Image Recognition", table 1, in the form called v1.5, that the pruning literature
/// measures: a block's stride is in its 3×3 convolution. Layers are named as in Keras: conv2_block1_1 to _3 are the three
/// convolutions of a block, _0 the projection of its shortcut. Every convolution has a batch normalisation and no bias.
/// </summary>
internal static class ResNet50
{
    /// <summary>
    /// What a block's last batch normalisation starts with. With 1 every sum would double the activations' variance, 2¹⁶ times over
    /// the network; one over the root of the number of blocks keeps its growth bounded (De and Smith 2020, "Batch
    /// Normalization Biases Residual Blocks Towards the Identity Function in Deep Networks", section 3).
    /// </summary>
    private const float BranchScale = 0.25f;

    /// <summary>Blocks and inner channels of the stages conv2 to conv5; a block gives four times its inner channels.</summary>
    private static readonly (int Blocks, int Inner)[] Stages = [(3, 64), (4, 128), (6, 256), (3, 512)];

    public static NetworkBuilder Create(TensorShape input, int classes)
    {
        ZooRules.NeedImage("resnet-50", input, smallest: 32);
        NetworkBuilder network = new NetworkBuilder("resnet-50", input)
            .Convolution("conv1", 64, Window2d.Square(7, 2, 3), bias: false).BatchNorm("conv1_bn").Relu()
            .MaxPool("pool1", Window2d.Square(3, 2, 1));
        for (int stage = 0; stage < Stages.Length; stage++)
        {
            for (int block = 0; block < Stages[stage].Blocks; block++)
            {
                int stride = stage > 0 && block == 0 ? 2 : 1;
                AddBlock(network, $"conv{stage + 2}_block{block + 1}", Stages[stage].Inner, stride, projected: block == 0);
            }
        }

        return network.GlobalAveragePool("pool5").Flatten().FullyConnected("fc", classes);
    }

    private static void AddBlock(NetworkBuilder network, string name, int inner, int stride, bool projected) => network
        .Sum(
            $"{name}_add",
            branch => branch
                .Convolution($"{name}_1", inner, Window2d.Square(1), bias: false).BatchNorm($"{name}_1_bn").Relu()
                .Convolution($"{name}_2", inner, Window2d.Square(3, stride, 1), bias: false).BatchNorm($"{name}_2_bn").Relu()
                .Convolution($"{name}_3", 4 * inner, Window2d.Square(1), bias: false).BatchNorm($"{name}_3_bn", BranchScale),
            shortcut => projected
                ? shortcut.Convolution($"{name}_0", 4 * inner, Window2d.Square(1, stride), bias: false).BatchNorm($"{name}_0_bn")
                : shortcut)
        .Relu();
}
