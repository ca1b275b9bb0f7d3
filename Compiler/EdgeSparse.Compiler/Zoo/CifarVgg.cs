using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Zoo;

/// <summary>
/// Configurations D and E of Simonyan and Zisserman 2014, "Very Deep Convolutional Networks", table 1, in the form in which the
/// pruning literature uses them on CIFAR: a batch normalisation after each convolution, five halvings from 32×32 to one pixel, and
/// one fully connected layer in place of three. Layers are named as in the usual PyTorch modules, by their place in the sequence
/// <c>features</c> of convolutions, normalisations, activations and poolings, so that their state dictionaries fit as they are;
/// convolutions have biases there.
/// </summary>
internal static class CifarVgg
{
    private static readonly int[] Channels = [64, 128, 256, 512, 512];

    private static readonly int[] Blocks16 = [2, 2, 3, 3, 3];

    private static readonly int[] Blocks19 = [2, 2, 4, 4, 4];

    public static NetworkBuilder Create16(TensorShape input, int classes) => Create("vgg-16-bn", Blocks16, input, classes);

    public static NetworkBuilder Create19(TensorShape input, int classes) => Create("vgg-19-bn", Blocks19, input, classes);

    private static NetworkBuilder Create(string name, int[] blocks, TensorShape input, int classes)
    {
        if (input.Rank != 4 || input[2] != 32 || input[3] != 32)
        {
            throw new GraphException($"the zoo's '{name}' reads N×C×32×32, not {input}: its fully connected layer is made for a last map of one pixel");
        }

        NetworkBuilder network = new(name, input);
        int place = 0;
        for (int block = 0; block < blocks.Length; block++)
        {
            for (int layer = 0; layer < blocks[block]; layer++)
            {
                network.Convolution($"features.{place}", Channels[block], Window2d.Square(3, pad: 1)).BatchNorm($"features.{place + 1}").Relu();
                place += 3;
            }

            network.MaxPool($"features.{place}", Window2d.Square(2, stride: 2));
            place++;
        }

        return network.Flatten().FullyConnected("classifier", classes);
    }
}
