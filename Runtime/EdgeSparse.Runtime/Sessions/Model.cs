using System.Collections.Immutable;
using System.Text;
using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Runtime;

/// <summary>
/// A packed network, validated once and never changed after: threads share it, each runs a <see cref="Session"/> of its own.
/// Its memory lives until it and all its sessions are disposed, in any order.
/// </summary>
public sealed unsafe class Model : IDisposable
{
    private readonly Kernel[] kernels;
    private bool disposed;

    private Model(BlobMemory memory, InstructionSet instructionSet)
    {
        try
        {
            View = BlobReader.Open(memory);
        }
        catch (BlobFormatException)
        {
            memory.Release();
            throw;
        }

        Set = instructionSet;
        var table = KernelTable.For(instructionSet);
        kernels = new Kernel[View.OperationCount];
        for (int i = 0; i < kernels.Length; i++)
        {
            kernels[i] = KernelTable.Select(table, View, View.Operations + i);
        }

        Inputs = Describe(BindingKind.Input);
        Outputs = Describe(BindingKind.Output);
        if (View.SelfTest != null)
        {
            SelfTest = new SelfTest(this);
        }
    }

    /// <summary>The network's inputs, in its order.</summary>
    public IReadOnlyList<TensorInfo> Inputs { get; }

    /// <summary>The network's outputs, in its order.</summary>
    public IReadOnlyList<TensorInfo> Outputs { get; }

    /// <summary>Samples with their outputs to try the model on this machine; null for a blob without.</summary>
    public SelfTest? SelfTest { get; }

    /// <summary>Bytes of activation memory of each session.</summary>
    public long ArenaBytes => (long)View.Header->ArenaBytes;

    /// <summary>Bytes of the whole blob.</summary>
    public long BlobBytes => View.Memory.Length;

    /// <summary>Provenance as the packer wrote it: JSON text.</summary>
    public string MetadataJson
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return Encoding.UTF8.GetString(View.Metadata);
        }
    }

    /// <summary>The steps of the plan in execution order, and which kernel runs each on this machine.</summary>
    public IReadOnlyList<LayerInfo> Layers
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            var layers = new LayerInfo[kernels.Length];
            for (int i = 0; i < layers.Length; i++)
            {
                layers[i] = LayerInfo.Of(View, i, kernels[i].Name);
            }

            return layers;
        }
    }

    internal BlobView View { get; }

    internal ReadOnlySpan<Kernel> Kernels => kernels;

    /// <summary>What its kernels may use.</summary>
    internal InstructionSet Set { get; }

    /// <summary>Maps a blob file and validates it. The file must not change while the model lives.</summary>
    /// <exception cref="BlobFormatException">The file is no valid blob.</exception>
    /// <exception cref="EdgeSparseException">The file is missing or cannot be read.</exception>
    public static Model Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        BlobMemory memory = BlobMemory.Map(path);
        try
        {
            return new Model(memory, Hardware.Best);
        }
        catch (BlobFormatException e)
        {
            throw new BlobFormatException("'" + path + "': " + e.Message, e);
        }
    }

    /// <summary>Copies a blob to aligned memory and validates it.</summary>
    /// <exception cref="BlobFormatException">The bytes are no valid blob.</exception>
    public static Model FromBytes(ReadOnlySpan<byte> blob) => new(BlobMemory.Copy(blob), Hardware.Best);

    /// <summary>A session with an arena of its own; one thread at a time may use it.</summary>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    /// <exception cref="EdgeSparseException">The machine does not have the memory for the arena.</exception>
    public Session CreateSession() => CreateSession(null, 1);

    /// <summary>A session with an arena and threads of its own; one thread at a time may use it.</summary>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    /// <exception cref="EdgeSparseException">The machine does not have the memory for the arena, or the threads.</exception>
    public Session CreateSession(SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return CreateSession(null, options.Threads);
    }

    /// <summary>The plan for an accelerator.</summary>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    /// <exception cref="EdgeSparseException">Activations or weights are more than such a plan can hold.</exception>
    internal Offload.DevicePlan PlanForDevice(Offload.DeviceShape shape)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return new Offload.DevicePlanner(View, shape).Plan();
    }

    /// <summary>The code for accelerators that the blob carries, null where it has none.</summary>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    /// <exception cref="EdgeSparseException">It is damaged, of another version, or for another network.</exception>
    internal Offload.DeviceCode? CodeForDevice()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return Offload.DeviceCode.Of(View);
    }

    /// <summary>Releases the blob; sessions that are alive keep it until they are disposed.</summary>
    public void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            View.Memory.Release();
        }
    }

    /// <summary>As <see cref="FromBytes(ReadOnlySpan{byte})"/>, with the kernels of a lesser machine.</summary>
    internal static Model FromBytes(ReadOnlySpan<byte> blob, InstructionSet instructionSet) =>
        new(BlobMemory.Copy(blob), instructionSet);

    /// <summary>Over memory of the caller, 64-byte aligned, that outlives the model and its sessions.</summary>
    internal static Model FromMemory(byte* blob, long length, InstructionSet instructionSet) =>
        new(BlobMemory.Borrow(blob, length), instructionSet);

    /// <summary>A session over an arena of the caller's: 64-byte aligned, <see cref="ArenaBytes"/> long, zeroed.</summary>
    internal Session CreateSession(float* arena, int threads = 1)
    {
        ObjectDisposedException.ThrowIf(disposed || !View.Memory.TryAddReference(), this);
        try
        {
            return new Session(this, arena, threads);
        }
        catch
        {
            View.Memory.Release();
            throw;
        }
    }

    private TensorInfo[] Describe(BindingKind kind)
    {
        var tensors = new List<TensorInfo>();
        for (int i = 0; i < View.BindingCount; i++)
        {
            BindingRecord* binding = View.Bindings + i;
            if (binding->Kind == kind)
            {
                tensors.Add(new TensorInfo(
                    TextCheck.Name(View, binding->NameOffset, binding->NameLength),
                    ImmutableArray.Create(new ReadOnlySpan<int>(&binding->Dim0, binding->Rank)),
                    (int)OperationCheck.PixelCount(in View.Values[binding->Value]),
                    Scaling(binding),
                    binding->Type));
            }
        }

        return [.. tensors];
    }

    private PixelScaling? Scaling(BindingRecord* binding) => binding->ScalingChannels == 0
        ? null
        : new PixelScaling(
            ImmutableArray.Create(new ReadOnlySpan<float>(View.Data + binding->DataMean, binding->ScalingChannels)),
            ImmutableArray.Create(new ReadOnlySpan<float>(View.Data + binding->DataStd, binding->ScalingChannels)));
}
