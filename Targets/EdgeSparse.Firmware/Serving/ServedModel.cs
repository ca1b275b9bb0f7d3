using System.Text;
using EdgeSparse.Firmware.Trust;
using EdgeSparse.Runtime;

namespace EdgeSparse.Firmware.Serving;

/// <summary>
/// The model that requests run on. It follows its path: when another blob lies there, or links lead elsewhere, that one is
/// verified, loaded and takes over between two requests; a model that is refused leaves the old one in place.
/// </summary>
internal sealed class ServedModel : IDisposable
{
    private const int BlobHeaderBytes = 64;

    private readonly string path;
    private readonly TrustedKey? key;
    private readonly Func<Model, IInferenceSession> open;
    private string seen;

    /// <param name="path">A blob or a deployable folder.</param>
    /// <param name="key">Who must have signed it.</param>
    /// <param name="open">Makes a session of a model where it is to run.</param>
    /// <exception cref="EdgeSparseException">The model is missing, wrong or not signed.</exception>
    public ServedModel(string path, TrustedKey? key, Func<Model, IInferenceSession> open)
    {
        this.path = path;
        this.key = key;
        this.open = open;
        seen = Identity();
        Source = ModelSource.Open(path, key);
        Model = Model.Load(Source.BlobPath);
        Session = open(Model);
    }

    public ModelSource Source { get; private set; }

    public Model Model { get; private set; }

    public IInferenceSession Session { get; private set; }

    /// <summary>Models taken over since the start.</summary>
    public int Swaps { get; private set; }

    /// <summary>Whether the model that was taken over last came with another executable than the one before.</summary>
    public bool ExecutableChanged { get; private set; }

    /// <summary>Why what now lies at the path is not served; null when it is.</summary>
    public string? Refused { get; private set; }

    /// <summary>Runs answered.</summary>
    public long Runs { get; private set; }

    /// <summary>Requests answered with an error.</summary>
    public long Errors { get; set; }

    /// <summary>Elements of all inputs of a sample.</summary>
    public int InputElements => ElementsOf(Model.Inputs);

    /// <summary>Elements of all outputs.</summary>
    public int OutputElements => ElementsOf(Model.Outputs);

    /// <summary>Runs the model; the session has the outputs.</summary>
    /// <param name="numbers">All inputs in order, <see cref="InputElements"/> in all.</param>
    public void Run(ReadOnlySpan<float> numbers)
    {
        for (int i = 0; i < Model.Inputs.Count; i++)
        {
            Session.SetInput(i, numbers[..Model.Inputs[i].ElementCount]);
            numbers = numbers[Model.Inputs[i].ElementCount..];
        }

        Session.Run();
        Runs++;
    }

    /// <summary>Takes over what lies at the path now, where that has changed.</summary>
    public void Refresh()
    {
        string now = Identity();
        if (now == seen)
        {
            return;
        }

        seen = now;
        try
        {
            ModelSource source = ModelSource.Open(path, key);
            Model model = Model.Load(source.BlobPath);
            IInferenceSession session;
            try
            {
                session = open(model);
            }
            catch (EdgeSparseException)
            {
                model.Dispose();
                throw;
            }

            Dispose();
            ExecutableChanged = Source.Manifest?.Executable is { } old && source.Manifest?.Executable is { } other && old.Sha256 != other.Sha256;
            (Source, Model, Session, Refused) = (source, model, session, null);
            Swaps++;
        }
        catch (Exception error) when (error is EdgeSparseException or IOException or UnauthorizedAccessException)
        {
            Refused = error.Message;
            StandardStream.Error.Write($"error: the model stays as it is: {error.Message}\n");
        }
    }

    /// <summary>What a client may want to know, as JSON.</summary>
    public string State()
    {
        JsonText json = new();
        json.Object();
        json.Name("model").Value(Source.BlobPath);
        if (Source.Manifest is { } manifest)
        {
            json.Name("sha256").Value(manifest.Blob.Sha256);
            json.Name("order").Value(manifest.Order);
        }

        AddTensors(json, "inputs", Model.Inputs);
        AddTensors(json, "outputs", Model.Outputs);
        if (InferenceDevice.NameOf(Session) is var device && device != InferenceDevice.CpuName)
        {
            json.Name("device").Value(device);
        }

        json.Name("runs").Value(Runs);
        json.Name("errors").Value(Errors);
        json.Name("swaps").Value(Swaps);
        if (Refused is not null)
        {
            json.Name("refused").Value(Refused);
        }

        json.EndObject();
        return json.ToString();
    }

    public void Dispose()
    {
        Session.Dispose();
        Model.Dispose();
    }

    private static void AddTensors(JsonText json, string name, IReadOnlyList<TensorInfo> tensors)
    {
        json.Name(name).Array();
        foreach (TensorInfo tensor in tensors)
        {
            json.Object();
            json.Name("name").Value(tensor.Name);
            json.Name("shape").Array();
            foreach (int dimension in tensor.Shape)
            {
                json.Value(dimension);
            }

            json.EndArray();
            json.EndObject();
        }

        json.EndArray();
    }

    private static int ElementsOf(IReadOnlyList<TensorInfo> tensors)
    {
        int elements = 0;
        foreach (TensorInfo tensor in tensors)
        {
            elements += tensor.ElementCount;
        }

        return elements;
    }

    /// <summary>
    /// Another text when another model lies at the path: a folder's whole manifest, which has its files' digests, or a blob's header,
    /// which has the digest of all that follows; empty where there is neither.
    /// </summary>
    private string Identity()
    {
        try
        {
            if (Directory.Exists(path))
            {
                return ModelSource.ReadSmall(Path.Combine(path, Manifest.FileName)) is { } manifest ? Encoding.UTF8.GetString(manifest) : "";
            }

            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            byte[] header = new byte[BlobHeaderBytes];
            return Convert.ToHexString(header, 0, stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false));
        }
        catch (Exception error) when (error is EdgeSparseException or IOException or UnauthorizedAccessException)
        {
            // What cannot be read is refused, with its reason, when it is opened.
            return "";
        }
    }
}
