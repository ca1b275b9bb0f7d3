using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Verification.Xnnpack;

/// <summary>A network in XNNPACK: its subgraph and runtime, dense, or with the library's sparse inference. Not thread-safe.</summary>
public sealed unsafe class XnnpackNetwork : IContestant
{
    private readonly XnnBuffers buffers = new();
    private readonly XnnThreadPool pool;
    private readonly nint subgraph;
    private readonly nint runtime;
    private readonly ChannelOrder? inputOrder;
    private readonly ChannelOrder? outputOrder;
    private readonly float* input;
    private readonly float* output;
    private readonly int inputCount;
    private readonly int outputCount;
    private bool disposed;

    private XnnpackNetwork(Graph graph, int threads, bool sparse)
    {
        XnnpackLibrary.Require();
        Name = sparse ? "XNNPACK sparse" : "XNNPACK dense";
        pool = new XnnThreadPool(threads);
        try
        {
            XnnpackLibrary.Check(XnnpackNative.CreateSubgraph(externalValues: 2, flags: 0, out subgraph), "a subgraph");
            (inputOrder, outputOrder) = SubgraphBuilder.Build(graph, subgraph, buffers);
            long before = XnnAllocator.AllocatedBytes;
            XnnpackLibrary.Check(
                XnnpackNative.CreateRuntime(subgraph, pool.Handle, sparse ? XnnpackNative.SparseInference : 0, out runtime), "the network");
            AllocatedBytes = XnnAllocator.AllocatedBytes - before;
            inputCount = graph.Inputs[0].Shape.ElementCount;
            outputCount = graph.Shapes[graph.Outputs[0]].ElementCount;
            input = buffers.Allocate(inputCount);
            output = buffers.Allocate(outputCount);
            XnnExternalValue* values = stackalloc XnnExternalValue[2];
            values[0] = new XnnExternalValue { Id = 0, Data = input };
            values[1] = new XnnExternalValue { Id = 1, Data = output };
            XnnpackLibrary.Check(XnnpackNative.SetUpRuntime(runtime, 2, values), "the network's shapes");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Name { get; }

    public int Threads => pool.Threads;

    /// <summary>Bytes that making the runtime took: packed weights and activations.</summary>
    internal long AllocatedBytes { get; }

    // The x64 build of that date does not set XNN_INIT_FLAG_CHW_OPT, without which xnn_subgraph_optimize rewrites nothing.
    private static string NotSparse => RuntimeInformation.ProcessArchitecture == Architecture.X64
        ? "XNNPACK of 2022-02-16 has no sparse inference for whole networks on x64, only for single 1×1 convolutions"
        : "XNNPACK applies its sparse kernels to no layer of this network; it does so between a first 3×3 convolution of 3 channels "
            + "with stride 2 and a global average pooling, for 1×1 convolutions that are more than 2/3 zeros";

    /// <param name="graph">A network of one input and one output.</param>
    /// <param name="threads">At least 1.</param>
    /// <exception cref="PeerUnavailableException">The library is missing, or cannot express a layer.</exception>
    public static XnnpackNetwork Dense(Graph graph, int threads) => new(Simplified(graph), threads, sparse: false);

    /// <summary>With XNNPACK's sparse inference, if the library does apply it: it keeps silent when it does not.</summary>
    /// <param name="graph">A network of one input and one output.</param>
    /// <param name="threads">At least 1.</param>
    /// <exception cref="PeerUnavailableException">As for dense, or the library would run the network densely.</exception>
    public static XnnpackNetwork Sparse(Graph graph, int threads)
    {
        Graph simplified = Simplified(graph);
        XnnpackNetwork sparse = new(simplified, threads, sparse: true);
        try
        {
            // Sparse weights take other memory than dense ones; where the memory is the same, nothing became sparse.
            using XnnpackNetwork dense = new(simplified, threads, sparse: false);
            return sparse.AllocatedBytes != dense.AllocatedBytes
                ? sparse
                : throw new PeerUnavailableException(NotSparse);
        }
        catch
        {
            sparse.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public float[] Prepare(ReadOnlySpan<float> input)
    {
        float[] prepared = input.ToArray();
        inputOrder?.ToHwc(input, prepared);
        return prepared;
    }

    /// <inheritdoc/>
    /// <exception cref="EdgeSparseException">XNNPACK fails, or a length is not the network's.</exception>
    public void Run(ReadOnlySpan<float> prepared, Span<float> output)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (prepared.Length != inputCount || output.Length != outputCount)
        {
            throw new EdgeSparseException($"the network has {inputCount} inputs and {outputCount} outputs, not {prepared.Length} and {output.Length}");
        }

        prepared.CopyTo(new Span<float>(input, inputCount));
        XnnStatus status = XnnpackNative.Invoke(runtime);
        if (status != XnnStatus.Success)
        {
            throw new EdgeSparseException($"XNNPACK failed: {status}");
        }

        new ReadOnlySpan<float>(this.output, outputCount).CopyTo(output);
    }

    /// <inheritdoc/>
    public float[] Finish(ReadOnlySpan<float> output)
    {
        float[] result = output.ToArray();
        outputOrder?.ToChw(output, result);
        return result;
    }

    public void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        if (runtime != 0)
        {
            XnnpackNative.DeleteRuntime(runtime);
        }

        if (subgraph != 0)
        {
            XnnpackNative.DeleteSubgraph(subgraph);
        }

        pool.Dispose();
        buffers.Dispose();
    }

    private static Graph Simplified(Graph graph)
    {
        Graph simplified = InferenceSimplification.Apply(graph);
        return simplified.Inputs.Length == 1 && simplified.Outputs.Length == 1
            ? simplified
            : throw new PeerUnavailableException(
                $"the network has {simplified.Inputs.Length} inputs and {simplified.Outputs.Length} outputs; XNNPACK is given networks of one each");
    }
}
