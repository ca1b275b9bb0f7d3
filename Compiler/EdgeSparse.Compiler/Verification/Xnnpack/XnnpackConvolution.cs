using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Verification.Xnnpack;

/// <summary>
/// One convolution, with a ReLU where one follows, as an operator of XNNPACK's, without a network around it: its sparse kernel
/// takes planes (NCHW) and drops the zeros of the dense weights it is given; its dense one takes pixels (NHWC). Not thread-safe.
/// </summary>
public sealed unsafe class XnnpackConvolution : IContestant
{
    private readonly XnnBuffers buffers = new();
    private readonly XnnThreadPool pool;
    private readonly nint convolution;
    private readonly ChannelOrder inputOrder;
    private readonly ChannelOrder outputOrder;
    private readonly bool sparse;
    private readonly float* input;
    private readonly float* output;
    private bool disposed;

    private XnnpackConvolution(Graph graph, Conv2d conv, bool relu, int threads, bool sparse)
    {
        this.sparse = sparse;
        XnnpackLibrary.Require();
        Weight weight = graph.WeightOf(conv.Weight);
        (TensorShape from, TensorShape to) = (graph.Shapes[conv.Input], graph.Shapes[conv.Output]);
        inputOrder = new ChannelOrder(from[1], from[2] * from[3]);
        outputOrder = new ChannelOrder(to[1], to[2] * to[3]);
        pool = new XnnThreadPool(threads);
        try
        {
            input = buffers.Allocate(inputOrder.Count);
            output = buffers.Allocate(outputOrder.Count);
            float* kernel = buffers.Copy(sparse ? weight.Values.Span : Ohwi(weight));
            float* bias = conv.Bias is null ? null : buffers.Copy(graph.WeightOf(conv.Bias).Values.Span);
            (Window2d w, float min, uint groups) = (conv.Window, relu ? 0 : float.NegativeInfinity, (uint)conv.Groups);
            (nuint groupInputs, nuint groupOutputs) = ((nuint)weight.Shape[1], (nuint)(weight.Shape[0] / conv.Groups));
            XnnStatus created = sparse
                ? XnnpackNative.CreateConvolutionNchw(
                    (uint)w.PadTop, (uint)w.PadRight, (uint)w.PadBottom, (uint)w.PadLeft, (uint)w.KernelY, (uint)w.KernelX, (uint)w.StrideY,
                    (uint)w.StrideX, (uint)w.DilationY, (uint)w.DilationX, groups, groupInputs, groupOutputs, (nuint)from[1], (nuint)to[1],
                    kernel, bias, min, float.PositiveInfinity, 0, out convolution)
                : XnnpackNative.CreateConvolutionNhwc(
                    (uint)w.PadTop, (uint)w.PadRight, (uint)w.PadBottom, (uint)w.PadLeft, (uint)w.KernelY, (uint)w.KernelX, (uint)w.StrideY,
                    (uint)w.StrideX, (uint)w.DilationY, (uint)w.DilationX, groups, groupInputs, groupOutputs, (nuint)from[1], (nuint)to[1],
                    kernel, bias, min, float.PositiveInfinity, 0, out convolution);
            XnnpackLibrary.Check(created, $"Conv2d '{conv.Name}'");
            XnnpackLibrary.Check(
                sparse
                    ? XnnpackNative.SetUpConvolutionNchw(convolution, 1, (nuint)from[2], (nuint)from[3], input, output, pool.Handle)
                    : XnnpackNative.SetUpConvolutionNhwc(convolution, 1, (nuint)from[2], (nuint)from[3], input, output, pool.Handle),
                $"the shapes of Conv2d '{conv.Name}'");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Name => sparse ? "XNNPACK sparse" : "XNNPACK dense";

    public int Threads => pool.Threads;

    /// <summary>Whether a network is one convolution, with or without a ReLU, and so can be an operator alone.</summary>
    public static bool IsOneConvolution(Graph graph) => Parts(InferenceSimplification.Apply(graph)) is not null;

    /// <summary>By <c>xnn_create_convolution2d_nhwc_f32</c>.</summary>
    /// <param name="graph">One convolution, with or without a ReLU.</param>
    /// <param name="threads">At least 1.</param>
    /// <exception cref="PeerUnavailableException">The library is missing, or the network is no such convolution.</exception>
    public static XnnpackConvolution Dense(Graph graph, int threads) => Create(graph, threads, sparse: false);

    /// <summary>By <c>xnn_create_convolution2d_nchw_f32</c>, which is sparse for 1×1 convolutions of stride 1 without groups or padding.</summary>
    /// <param name="graph">One such convolution, with or without a ReLU.</param>
    /// <param name="threads">At least 1.</param>
    /// <exception cref="PeerUnavailableException">The library is missing, or the network is no such convolution.</exception>
    public static XnnpackConvolution Sparse(Graph graph, int threads) => Create(graph, threads, sparse: true);

    /// <inheritdoc/>
    public float[] Prepare(ReadOnlySpan<float> input)
    {
        float[] prepared = input.ToArray();
        if (!sparse)
        {
            inputOrder.ToHwc(input, prepared);
        }

        return prepared;
    }

    /// <inheritdoc/>
    /// <exception cref="EdgeSparseException">XNNPACK fails, or a length is not the network's.</exception>
    public void Run(ReadOnlySpan<float> prepared, Span<float> output)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (prepared.Length != inputOrder.Count || output.Length != outputOrder.Count)
        {
            throw new EdgeSparseException(
                $"the convolution has {inputOrder.Count} inputs and {outputOrder.Count} outputs, not {prepared.Length} and {output.Length}");
        }

        prepared.CopyTo(new Span<float>(input, inputOrder.Count));
        XnnStatus status = XnnpackNative.RunOperator(convolution, pool.Handle);
        if (status != XnnStatus.Success)
        {
            throw new EdgeSparseException($"XNNPACK failed: {status}");
        }

        new ReadOnlySpan<float>(this.output, outputOrder.Count).CopyTo(output);
    }

    /// <inheritdoc/>
    public float[] Finish(ReadOnlySpan<float> output)
    {
        float[] result = output.ToArray();
        if (!sparse)
        {
            outputOrder.ToChw(output, result);
        }

        return result;
    }

    public void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        if (convolution != 0)
        {
            XnnpackNative.DeleteOperator(convolution);
        }

        pool.Dispose();
        buffers.Dispose();
    }

    private static XnnpackConvolution Create(Graph graph, int threads, bool sparse)
    {
        Graph simplified = InferenceSimplification.Apply(graph);
        if (Parts(simplified) is not (Conv2d conv, bool relu))
        {
            throw new PeerUnavailableException("XNNPACK's convolution alone is for networks of one convolution");
        }

        Window2d w = conv.Window;
        bool isPointwise = w == Window2d.Square(1) && conv.Groups == 1;
        return !sparse || isPointwise
            ? new XnnpackConvolution(simplified, conv, relu, threads, sparse)
            : throw new PeerUnavailableException("XNNPACK's sparse convolution is for 1×1 kernels of stride 1 without padding or groups");
    }

    private static (Conv2d Conv, bool Relu)? Parts(Graph graph) => graph.Nodes.ToArray() switch
    {
        [Conv2d conv] => (conv, false),
        [Conv2d conv, Relu] when !graph.Outputs.Contains(conv.Output) => (conv, true),
        _ => null,
    };

    /// <summary>[out, kh, kw, in] from [out, in, kh, kw].</summary>
    private static float[] Ohwi(Weight weight)
    {
        ChannelOrder order = new(weight.Shape[1], weight.Shape[2] * weight.Shape[3]);
        float[] result = new float[weight.ElementCount];
        for (int start = 0; start < result.Length; start += order.Count)
        {
            order.ToHwc(weight.Values.Span.Slice(start, order.Count), result.AsSpan(start, order.Count));
        }

        return result;
    }
}
