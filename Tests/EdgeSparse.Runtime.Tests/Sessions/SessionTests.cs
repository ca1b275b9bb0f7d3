using System.Numerics.Tensors;

namespace EdgeSparse.Runtime.Tests.Sessions;

public sealed class SessionTests
{
    private static readonly byte[] Blob = SmallNetwork.Build().Build();

    [Fact]
    public void A_run_allocates_no_managed_memory()
    {
        using Model model = Model.FromBytes(Blob);
        using Session session = model.CreateSession();
        float[] x = SmallNetwork.Sample(1);
        float[] y = new float[SmallNetwork.Outputs];
        long Allocated(int runs)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < runs; i++)
            {
                session.Run(x, y);
                session.SetInput(0, x);
                session.Run();
                session.GetOutput(0, y);
                session.Run(
                    new ReadOnlyTensorSpan<float>(x, [1, 2, 6, 7], default), new TensorSpan<float>(y, [1, SmallNetwork.Outputs], default));
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated(50);
        Assert.Equal(0, Allocated(100));
    }

    [Fact]
    public void Outputs_are_probabilities_and_every_way_of_running_gives_the_same()
    {
        using Model model = Model.FromBytes(Blob);
        using Session session = model.CreateSession();
        float[] x = SmallNetwork.Sample(2);
        float[] first = new float[SmallNetwork.Outputs];
        session.Run(x, first);
        Assert.Equal(1f, first.Sum(), 1e-5f);

        float[] second = new float[SmallNetwork.Outputs];
        session.SetInput(0, x);
        session.Run();
        session.GetOutput(0, second);
        Assert.Equal(first, second);

        float[] third = new float[SmallNetwork.Outputs];
        session.Run(
            new ReadOnlyTensorSpan<float>(x, [1, 2, 6, 7], default), new TensorSpan<float>(third, [1, SmallNetwork.Outputs], default));
        Assert.Equal(first, third);
    }

    [Fact]
    public void Tensors_with_strides_run_like_dense_ones()
    {
        using Model model = Model.FromBytes(Blob);
        using Session session = model.CreateSession();
        float[] x = SmallNetwork.Sample(3);
        float[] expected = new float[SmallNetwork.Outputs];
        session.Run(x, expected);

        float[] spread = new float[2 * 6 * 10];
        for (int i = 0; i < x.Length; i++)
        {
            spread[(i / 7 * 10) + (i % 7)] = x[i];
        }

        float[] y = new float[SmallNetwork.Outputs * 3];
        session.Run(
            new ReadOnlyTensorSpan<float>(spread, [1, 2, 6, 7], [0, 60, 10, 1]),
            new TensorSpan<float>(y, [1, SmallNetwork.Outputs], [0, 3]));
        Assert.Equal(expected, y.Where((_, i) => i % 3 == 0));
        Assert.All(y.Where((_, i) => i % 3 != 0), value => Assert.Equal(0f, value));
    }

    [Fact]
    public void Threads_run_sessions_of_one_model_at_once()
    {
        using Model model = Model.FromBytes(Blob);
        float[][] expected = new float[16][];
        using (Session session = model.CreateSession())
        {
            for (int i = 0; i < expected.Length; i++)
            {
                expected[i] = new float[SmallNetwork.Outputs];
                session.Run(SmallNetwork.Sample(i), expected[i]);
            }
        }

        var threads = new List<Thread>();
        int wrong = 0;
        for (int t = 0; t < 4; t++)
        {
            int offset = t;
            threads.Add(new Thread(() =>
            {
                using Session session = model.CreateSession();
                float[] y = new float[SmallNetwork.Outputs];
                for (int i = 0; i < 2000; i++)
                {
                    int sample = (i + offset) % expected.Length;
                    session.Run(SmallNetwork.Sample(sample), y);
                    if (!y.AsSpan().SequenceEqual(expected[sample]))
                    {
                        Interlocked.Increment(ref wrong);
                    }
                }
            }));
        }

        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void A_session_outlives_its_model()
    {
        Model model = Model.FromBytes(Blob);
        Session session = model.CreateSession();
        float[] before = new float[SmallNetwork.Outputs];
        session.Run(SmallNetwork.Sample(4), before);
        model.Dispose();
        model.Dispose();
        float[] after = new float[SmallNetwork.Outputs];
        session.Run(SmallNetwork.Sample(4), after);
        Assert.Equal(before, after);
        session.Dispose();
        session.Dispose();
    }

    [Fact]
    public void Use_after_dispose_is_an_error()
    {
        Model model = Model.FromBytes(Blob);
        Session session = model.CreateSession();
        session.Dispose();
        model.Dispose();
        float[] x = SmallNetwork.Sample(1);
        float[] y = new float[SmallNetwork.Outputs];
        Assert.Throws<ObjectDisposedException>(() => session.Run(x, y));
        Assert.Throws<ObjectDisposedException>(() => session.Run());
        Assert.Throws<ObjectDisposedException>(() => session.SetInput(0, x));
        Assert.Throws<ObjectDisposedException>(() => session.GetOutput(0, y));
        Assert.Throws<ObjectDisposedException>(() => session.Run(
            new ReadOnlyTensorSpan<float>(x, [1, 2, 6, 7], default), new TensorSpan<float>(y, [1, 5], default)));
        Assert.Throws<ObjectDisposedException>(() => model.CreateSession());
        Assert.Throws<ObjectDisposedException>(() => model.Layers);
        Assert.Throws<ObjectDisposedException>(() => model.MetadataJson);
    }

    [Fact]
    public void A_wrong_length_or_shape_is_told_with_the_right_one()
    {
        using Model model = Model.FromBytes(Blob);
        using Session session = model.CreateSession();
        float[] x = SmallNetwork.Sample(1);
        float[] y = new float[SmallNetwork.Outputs];
        string input = Assert.Throws<InputShapeException>(() => session.Run(x.AsSpan(1), y)).Message;
        Assert.Equal("the input 'pixels' has 84 elements (1×2×6×7), but 83 were given", input);
        string output = Assert.Throws<InputShapeException>(() => session.Run(x, y.AsSpan(2))).Message;
        Assert.Equal("the output 'probabilities' has 5 elements (1×5), but 3 were given", output);
        string shape = Assert.Throws<InputShapeException>(() => session.Run(
            new ReadOnlyTensorSpan<float>(x, [1, 2, 7, 6], default), new TensorSpan<float>(y, [1, 5], default))).Message;
        Assert.Equal("the input 'pixels' has the shape 1×2×6×7, but 1×2×7×6 was given", shape);
        Assert.Throws<InputShapeException>(() => session.SetInput(0, y));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.SetInput(1, y));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.GetOutput(-1, y));
    }

    [Fact]
    public void Running_before_the_inputs_are_set_is_an_error()
    {
        using Model model = Model.FromBytes(Blob);
        using Session session = model.CreateSession();
        Assert.Throws<InvalidOperationException>(() => session.GetOutput(0, new float[SmallNetwork.Outputs]));
        Assert.Throws<InvalidOperationException>(session.Run);
        session.SetInput(0, SmallNetwork.Sample(0));
        session.Run();

        // Nothing overwrites the input's memory in this network, so that it may be used again.
        session.Run();
    }

    [Fact]
    public void A_model_describes_its_tensors_and_the_kernels_of_its_layers()
    {
        using Model model = Model.FromBytes(Blob, Runtime.Kernels.InstructionSet.Scalar);
        TensorInfo input = Assert.Single(model.Inputs);
        Assert.Equal("pixels", input.Name);
        Assert.Equal([1, 2, 6, 7], input.Shape);
        Assert.Equal(84, input.ElementCount);
        Assert.Equal([0.5f, 0.25f], input.Scaling!.Mean);
        Assert.Equal([0.5f, 1f], input.Scaling.Std);
        Assert.Null(Assert.Single(model.Outputs).Scaling);
        Assert.Equal("{\"name\":\"small\"}", model.MetadataJson);
        Assert.Equal(Blob.Length, model.BlobBytes);
        string[] kernels =
        [
            "relayout-4x4-vector128", "conv2d-csr16-1x8-scalar", "channel-affine-scalar", "add-scalar", "conv2d-dense-4x3-scalar",
            "conv2d-depthwise-1x8-scalar", "conv2d-csr-delta8-1x4-scalar", "conv2d-bsr16-4x4-4x3-scalar", "conv2d-csr32-1x8-scalar",
            "conv2d-2of4-1x4-scalar", "relayout-4x4-vector128", "conv2d-bsr32-8x1-4x3-scalar", "activate-scalar",
            "relayout-4x4-vector128", "max-pool-scalar", "average-pool-scalar", "global-average-pool-vector128", "relayout-4x4-vector128",
            "linear-sliced-ell-any-scalar", "linear-sliced-ell-any-scalar", "linear-dense-4x2-scalar", "relayout-4x4-vector128",
            "linear-csr16-4-scalar", "linear-csr32-4-scalar", "linear-csc16-4-scalar", "softmax-vector",
        ];
        Assert.Equal(kernels, model.Layers.Select(l => l.Kernel));
        LayerInfo fc = model.Layers[18];
        Assert.Equal(("fc1", "Linear", "SlicedEll", 9, 40), (fc.Name, fc.Operation, fc.WeightFormat, fc.Rows, fc.Columns));
        Assert.InRange(fc.NonZeros, 80, 140);
    }
}
