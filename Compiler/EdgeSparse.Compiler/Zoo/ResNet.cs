using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Zoo;

/// <summary>
/// He et al. 2016, "Deep Residual Learning for Image Recognition", table 1, with 18 and 50 layers. A bottleneck's stride is in
/// its 3×3 convolution, the form called v1.5 that the pruning literature measures. Layers are named as in the usual PyTorch
/// modules, so that their state dictionaries fit as they are. Every convolution has a batch normalisation and no bias.
/// </summary>
internal static class ResNet
{
    private static readonly int[] Channels = [64, 128, 256, 512];

    private static readonly int[] Blocks18 = [2, 2, 2, 2];

    private static readonly int[] Blocks50 = [3, 4, 6, 3];

    /// <summary>For ImageNet: two halvings before the first block.</summary>
    public static NetworkBuilder Create18(TensorShape input, int classes) =>
        Blocks(ImageNetStart("resnet-18", input), Blocks18, Basic, "downsample").FullyConnected("fc", classes);

    /// <inheritdoc cref="Create18"/>
    public static NetworkBuilder Create50(TensorShape input, int classes) =>
        Blocks(ImageNetStart("resnet-50", input), Blocks50, Bottleneck, "downsample").FullyConnected("fc", classes);

    /// <summary>For CIFAR: the first convolution has 3×3 pixels and no stride, and no pooling follows it.</summary>
    public static NetworkBuilder CreateCifar50(TensorShape input, int classes)
    {
        ZooRules.NeedImage("resnet-50-cifar", input, smallest: 8);
        NetworkBuilder start = new NetworkBuilder("resnet-50-cifar", input)
            .Convolution("conv1", 64, Window2d.Square(3, 1, 1), bias: false).BatchNorm("bn1").Relu();
        return Blocks(start, Blocks50, Bottleneck, "shortcut").FullyConnected("linear", classes);
    }

    private static NetworkBuilder ImageNetStart(string name, TensorShape input)
    {
        ZooRules.NeedImage(name, input, smallest: 32);
        return new NetworkBuilder(name, input)
            .Convolution("conv1", 64, Window2d.Square(7, 2, 3), bias: false).BatchNorm("bn1").Relu()
            .MaxPool("maxpool", Window2d.Square(3, 2, 1));
    }

    private static NetworkBuilder Blocks(NetworkBuilder network, int[] blocks, Action<NetworkBuilder, Block> add, string shortcutName)
    {
        // With 1 every sum would double the activations' variance; one over the root of the number of blocks keeps its growth
        // bounded (De and Smith 2020, "Batch Normalization Biases Residual Blocks Towards the Identity Function in Deep
        // Networks", section 3).
        float branchScale = (float)(1 / Math.Sqrt(blocks.Sum()));
        for (int stage = 0; stage < blocks.Length; stage++)
        {
            for (int block = 0; block < blocks[stage]; block++)
            {
                int stride = stage > 0 && block == 0 ? 2 : 1;
                add(network, new Block($"layer{stage + 1}.{block}", Channels[stage], stride, shortcutName, branchScale));
            }
        }

        return network.GlobalAveragePool("avgpool").Flatten();
    }

    private static void Basic(NetworkBuilder network, Block block) => network
        .Sum(
            $"{block.Name}.add",
            branch => branch
                .Convolution($"{block.Name}.conv1", block.Inner, Window2d.Square(3, block.Stride, 1), bias: false).BatchNorm($"{block.Name}.bn1").Relu()
                .Convolution($"{block.Name}.conv2", block.Inner, Window2d.Square(3, 1, 1), bias: false).BatchNorm($"{block.Name}.bn2", block.BranchScale),
            shortcut => Shortcut(shortcut, block, block.Inner))
        .Relu();

    private static void Bottleneck(NetworkBuilder network, Block block) => network
        .Sum(
            $"{block.Name}.add",
            branch => branch
                .Convolution($"{block.Name}.conv1", block.Inner, Window2d.Square(1), bias: false).BatchNorm($"{block.Name}.bn1").Relu()
                .Convolution($"{block.Name}.conv2", block.Inner, Window2d.Square(3, block.Stride, 1), bias: false).BatchNorm($"{block.Name}.bn2").Relu()
                .Convolution($"{block.Name}.conv3", 4 * block.Inner, Window2d.Square(1), bias: false).BatchNorm($"{block.Name}.bn3", block.BranchScale),
            shortcut => Shortcut(shortcut, block, 4 * block.Inner))
        .Relu();

    /// <summary>The block's input, projected where its shape is not the output's.</summary>
    private static NetworkBuilder Shortcut(NetworkBuilder network, Block block, int outputs) =>
        block.Stride == 1 && network.Shape[1] == outputs
            ? network
            : network
                .Convolution($"{block.Name}.{block.ShortcutName}.0", outputs, Window2d.Square(1, block.Stride), bias: false)
                .BatchNorm($"{block.Name}.{block.ShortcutName}.1");

    /// <param name="Name">What the names of its layers begin with.</param>
    /// <param name="Inner">Channels of its 3×3 convolutions.</param>
    /// <param name="Stride">Of the first of them.</param>
    /// <param name="ShortcutName">What a projection is called.</param>
    /// <param name="BranchScale">What its last batch normalisation starts with.</param>
    private sealed record Block(string Name, int Inner, int Stride, string ShortcutName, float BranchScale);
}
