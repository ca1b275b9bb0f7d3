using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Zoo;

/// <summary>
/// Krizhevsky et al. 2012 in Caffe's form (bvlc_reference_caffenet's layers: two groups in conv2, conv4 and conv5), the 61
/// million parameters that Han et al. 2015 prune (table 4). The local response normalisation after conv1 and conv2 is left
/// out: it has no weights, later networks showed that it does not help (Simonyan and Zisserman 2014, section 4), and without
/// it the network needs no operator of its own.
/// </summary>
internal static class AlexNet
{
    public static NetworkBuilder Create(TensorShape input, int classes)
    {
        ZooRules.NeedImage("alexnet", input, smallest: 67);
        return new NetworkBuilder("alexnet", input)
            .Convolution("conv1", 96, Window2d.Square(11, stride: 4)).Relu()
            .MaxPool("pool1", Window2d.Square(3, stride: 2))
            .Convolution("conv2", 256, Window2d.Square(5, pad: 2), groups: 2).Relu()
            .MaxPool("pool2", Window2d.Square(3, stride: 2))
            .Convolution("conv3", 384, Window2d.Square(3, pad: 1)).Relu()
            .Convolution("conv4", 384, Window2d.Square(3, pad: 1), groups: 2).Relu()
            .Convolution("conv5", 256, Window2d.Square(3, pad: 1), groups: 2).Relu()
            .MaxPool("pool5", Window2d.Square(3, stride: 2))
            .Flatten()
            .FullyConnected("fc1", 4096).Relu().Dropout("fc1", 0.5f)
            .FullyConnected("fc2", 4096).Relu().Dropout("fc2", 0.5f)
            .FullyConnected("fc3", classes);
    }
}
