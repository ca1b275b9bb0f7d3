using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Zoo;

/// <summary>Networks of the pruning literature, made from scratch with starting weights.</summary>
public static class ModelZoo
{
    private static readonly ImmutableArray<(ZooEntry Entry, Func<TensorShape, int, NetworkBuilder> Build)> Models =
    [
        (new ZooEntry(
            "lenet-300-100", "784-300-100-10 fully connected, ReLU (LeCun et al. 1998)",
            new TensorShape(TensorShape.Symbolic, 1, 28, 28), 10, 266_200), LeNet.Net300100),
        (new ZooEntry(
            "lenet-5", "20-50-500-10 convolutional, as in Caffe (LeCun et al. 1998)",
            new TensorShape(TensorShape.Symbolic, 1, 28, 28), 10, 430_500), LeNet.Net5),
        (new ZooEntry(
            "mnist-mlp", "784-40-20-10 fully connected, ReLU, no biases (Singh and Alistarh 2020)",
            new TensorShape(TensorShape.Symbolic, 1, 28, 28), 10, 32_360), MnistMlp.Create),
        (new ZooEntry(
            "alexnet", "five convolutions in Caffe's form with groups, without local response normalisation (Krizhevsky et al. 2012)",
            new TensorShape(TensorShape.Symbolic, 3, 227, 227), 1000, 60_954_656), AlexNet.Create),
        (new ZooEntry(
            "vgg-16", "configuration D (Simonyan and Zisserman 2014)",
            new TensorShape(TensorShape.Symbolic, 3, 224, 224), 1000, 138_344_128), Vgg16.Create),
        (new ZooEntry(
            "mobilenet-v1", "depthwise-separable convolutions, width 1 (Howard et al. 2017)",
            new TensorShape(TensorShape.Symbolic, 3, 224, 224), 1000, 4_209_088), MobileNetV1.Create),
        (new ZooEntry(
            "resnet-18", "basic blocks (He et al. 2016)",
            new TensorShape(TensorShape.Symbolic, 3, 224, 224), 1000, 11_678_912), ResNet.Create18),
        (new ZooEntry(
            "resnet-50", "v1.5, stride in the 3x3 convolutions (He et al. 2016)",
            new TensorShape(TensorShape.Symbolic, 3, 224, 224), 1000, 25_502_912), ResNet.Create50),
        (new ZooEntry(
            "vgg-16-bn", "for CIFAR-10, configuration D with batch normalisation and one fully connected layer (Simonyan and Zisserman 2014)",
            new TensorShape(TensorShape.Symbolic, 3, 32, 32), 10, 14_715_584), CifarVgg.Create16),
        (new ZooEntry(
            "vgg-19-bn", "for CIFAR-10, configuration E with batch normalisation and one fully connected layer (Simonyan and Zisserman 2014)",
            new TensorShape(TensorShape.Symbolic, 3, 32, 32), 10, 20_024_000), CifarVgg.Create19),
        (new ZooEntry(
            "resnet-50-cifar", "for CIFAR-10, as resnet-50 without the first two halvings (He et al. 2016)",
            new TensorShape(TensorShape.Symbolic, 3, 32, 32), 10, 23_467_712), ResNet.CreateCifar50),
        .. CifarResNet.Published.Select(CifarModel),
    ];

    public static IReadOnlyList<ZooEntry> Entries { get; } = [.. Models.Select(m => m.Entry)];

    /// <summary>A network with He's starting weights and biases of zero.</summary>
    /// <param name="name">One of <see cref="Entries"/>.</param>
    /// <param name="seed">The same seed gives the same bits on every platform.</param>
    /// <param name="input">Batch symbolic or 1; null for the input that the network was published for.</param>
    /// <param name="classes">Outputs of the last layer; null for the number that the network was published for.</param>
    /// <exception cref="GraphException">There is no such network, or the input or number of classes does not suit it.</exception>
    public static Graph Create(string name, int seed, TensorShape? input = null, int? classes = null) =>
        Describe(name, input, classes).ToGraph(seed);

    /// <summary>The network before it has weights.</summary>
    internal static NetworkBuilder Describe(string name, TensorShape? input = null, int? classes = null)
    {
        foreach ((ZooEntry entry, Func<TensorShape, int, NetworkBuilder> build) in Models)
        {
            if (entry.Name == name)
            {
                int outputs = classes ?? entry.Classes;
                TensorShape shape = input ?? entry.Input;
                return outputs < 2
                    ? throw new GraphException($"the zoo's '{name}' needs at least 2 classes, not {outputs}")
                    : shape.Rank is 2 or 3 or 4
                        ? build(shape, outputs)
                        : throw new GraphException($"the zoo's '{name}' needs an input with a batch and 1 to 3 more dimensions, not {shape}");
            }
        }

        throw new GraphException($"the zoo has no model '{name}'; it has {string.Join(", ", Models.Select(m => m.Entry.Name))}");
    }

    private static (ZooEntry Entry, Func<TensorShape, int, NetworkBuilder> Build) CifarModel((int Layers, bool Projects, long WeightCount) model)
    {
        string shortcut = model.Projects ? "shortcuts that project (option B)" : "shortcuts without weights (option A)";
        return (
            new ZooEntry(
                CifarResNet.NameOf(model.Layers, model.Projects), $"for CIFAR-10, {shortcut} (He et al. 2015, section 4.2)",
                new TensorShape(TensorShape.Symbolic, 3, 32, 32), 10, model.WeightCount),
            (input, classes) => CifarResNet.Create(model.Layers, model.Projects, input, classes));
    }
}
