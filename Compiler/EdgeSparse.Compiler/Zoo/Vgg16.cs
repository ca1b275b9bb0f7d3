using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Zoo;

/// <summary>
/// Configuration D of Simonyan and Zisserman 2014, "Very Deep Convolutional Networks", the 138 million parameters that Han et
/// al. 2015 prune (table 5); layers named as there.
/// </summary>
internal static class Vgg16
{
    private static readonly int[][] Blocks = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]];

    public static NetworkBuilder Create(TensorShape input, int classes)
    {
        if (input.Rank != 4 || input[2] != 224 || input[3] != 224)
        {
            throw new GraphException($"the zoo's 'vgg-16' reads N×C×224×224, not {input}: its fully connected layers are made for a last map of 7×7");
        }

        NetworkBuilder network = new("vgg-16", input);
        for (int block = 0; block < Blocks.Length; block++)
        {
            for (int layer = 0; layer < Blocks[block].Length; layer++)
            {
                network.Convolution($"conv{block + 1}_{layer + 1}", Blocks[block][layer], Window2d.Square(3, pad: 1)).Relu();
            }

            network.MaxPool($"pool{block + 1}", Window2d.Square(2, stride: 2));
        }

        return network
            .Flatten()
            .FullyConnected("fc6", 4096).Relu().Dropout("fc6", 0.5f)
            .FullyConnected("fc7", 4096).Relu().Dropout("fc7", 0.5f)
            .FullyConnected("fc8", classes);
    }
}
