using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Zoo;

/// <summary>
/// He et al. 2015, "Deep Residual Learning for Image Recognition", section 4.2: a 3×3 convolution of 16 channels, three stages of n
/// blocks of two 3×3 convolutions with 16, 32 and 64 channels, mean, classifier; 6n + 2 layers. Layers and weights are named as
/// in the usual PyTorch modules, so that their state dictionaries fit as they are. Every convolution has a batch normalisation
/// and no bias.
/// </summary>
internal static class CifarResNet
{
    private const int FirstChannels = 16;

    /// <summary>Scaling of the pictures that the published weights were trained with, red, green and blue.</summary>
    private static readonly InputScaling ColorScaling = new([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);

    /// <summary>The same for the networks whose shortcuts project, of which WoodFisher's program has weights.</summary>
    private static readonly InputScaling ProjectingScaling = new([0.5f, 0.5f, 0.5f], [0.5f, 0.5f, 0.5f]);

    /// <summary>The networks of table 6, with either shortcut.</summary>
    public static readonly (int Layers, bool Projects, long WeightCount)[] Published =
    [
        (20, false, 268_336), (32, false, 461_872), (44, false, 655_408), (56, false, 848_944), (110, false, 1_719_856),
        (20, true, 270_896), (32, true, 464_432), (44, true, 657_968), (56, true, 851_504), (110, true, 1_722_416),
    ];

    public static string NameOf(int layers, bool projects) => $"resnet-{layers}{(projects ? "-b" : "")}";

    /// <param name="layers">6n + 2.</param>
    /// <param name="projects">
    /// What a shortcut does where channels double and the map halves: project by a 1×1 convolution of stride 2 (the paper's option
    /// B), or take every second pixel and add channels of zeros, half of them before and half behind (option A, no weights).
    /// </param>
    /// <param name="input">N×C×H×W.</param>
    /// <param name="classes">Outputs.</param>
    public static NetworkBuilder Create(int layers, bool projects, TensorShape input, int classes)
    {
        string name = NameOf(layers, projects);
        ZooRules.NeedImage(name, input, smallest: 8);
        int blocks = (layers - 2) / 6;

        // As in ResNet, so that the sums of a deep network start in range.
        float branchScale = (float)(1 / Math.Sqrt(3 * blocks));
        NetworkBuilder network = new NetworkBuilder(name, input)
            .Convolution("conv1", FirstChannels, Window2d.Square(3, 1, 1), bias: false).BatchNorm("bn1").Relu();
        if (input[1] == ColorScaling.Mean.Length)
        {
            network.Scaled(projects ? ProjectingScaling : ColorScaling);
        }

        for (int stage = 0; stage < 3; stage++)
        {
            for (int block = 0; block < blocks; block++)
            {
                AddBlock(network, $"layer{stage + 1}.{block}", FirstChannels << stage, stage > 0 && block == 0, projects, branchScale);
            }
        }

        return network.GlobalAveragePool("pool").Flatten().FullyConnected("linear", classes);
    }

    private static void AddBlock(NetworkBuilder network, string name, int channels, bool halves, bool projects, float branchScale) => network
        .Sum(
            $"{name}.add",
            branch => branch
                .Convolution($"{name}.conv1", channels, Window2d.Square(3, halves ? 2 : 1, 1), bias: false).BatchNorm($"{name}.bn1").Relu()
                .Convolution($"{name}.conv2", channels, Window2d.Square(3, 1, 1), bias: false).BatchNorm($"{name}.bn2", branchScale),
            shortcut => !halves ? shortcut
                : projects
                    ? shortcut.Convolution($"{name}.shortcut.0", channels, Window2d.Square(1, 2), bias: false).BatchNorm($"{name}.shortcut.1")
                    : shortcut.EverySecondPixel($"{name}.shortcut.pixels").ZeroChannels($"{name}.shortcut.channels", channels / 4))
        .Relu();
}
