using System.Collections.Frozen;

namespace EdgeSparse.Compiler.Files.PyTorch;

/// <summary>A name of Python's that a state dictionary may mention. What it stands for is here: nothing is looked up elsewhere.</summary>
/// <param name="Name">Module and name.</param>
/// <param name="Call">What a call of it gives, from its arguments.</param>
/// <param name="ElementType">For a class of storages, what they hold.</param>
internal sealed record TorchGlobal(string Name, Func<object?[], object?> Call, TorchElementType? ElementType = null)
{
    // Checkpoints note which class their optimizer was of. The name alone does nothing.
    private const string InertModule = "torch.optim.";

    private static readonly FrozenDictionary<string, TorchGlobal> Known = new[]
    {
        new TorchGlobal("collections.OrderedDict", Dictionary),
        new TorchGlobal("torch.Size", arguments => arguments is [PickleTuple sizes] ? sizes : throw Wrong("torch.Size")),
        new TorchGlobal("torch._utils._rebuild_tensor", arguments => Tensor("torch._utils._rebuild_tensor", arguments)),
        new TorchGlobal("torch._utils._rebuild_tensor_v2", arguments => Tensor("torch._utils._rebuild_tensor_v2", arguments)),
        new TorchGlobal("torch._utils._rebuild_parameter", Parameter),
    }.Concat(TorchElementType.All.SelectMany(type => new[] { Storage("torch", type), Storage("torch.cuda", type) })).ToFrozenDictionary(g => g.Name);

    /// <exception cref="PyTorchFileException">The name is none of those that state dictionaries need.</exception>
    public static TorchGlobal Named(string module, string name)
    {
        string full = $"{module}.{name}";
        return Known.TryGetValue(full, out TorchGlobal? known) ? known
            : full.StartsWith(InertModule, StringComparison.Ordinal) ? new TorchGlobal(full, _ => throw Refused(full))
            : throw Refused(full);
    }

    private static TorchGlobal Storage(string module, TorchElementType type)
    {
        string name = $"{module}.{type.StorageClass}";
        return new TorchGlobal(name, _ => throw Refused(name), type);
    }

    /// <summary>Without arguments, or as Python 2 wrote it, with a list of pairs.</summary>
    private static PickleDictionary Dictionary(object?[] arguments)
    {
        PickleDictionary dictionary = new();
        if (arguments is [])
        {
            return dictionary;
        }

        if (arguments is not [PickleList pairs])
        {
            throw Wrong("collections.OrderedDict");
        }

        foreach (object? pair in pairs.Items)
        {
            object?[] items = pair switch
            {
                PickleList list => [.. list.Items.Take(3)],
                PickleTuple tuple => tuple.Items,
                _ => [],
            };
            dictionary.Set(items.Length == 2 ? items[0] : throw Wrong("collections.OrderedDict"), items[1]);
        }

        return dictionary;
    }

    /// <summary>storage, offset, sizes, strides and, later, whether it needs a gradient, its hooks and its metadata.</summary>
    private static TorchTensor Tensor(string name, object?[] arguments) =>
        arguments.Length is >= 4 and <= 7 && arguments is [TorchStorage storage, long offset, PickleTuple sizes, PickleTuple strides, ..]
            ? new TorchTensor(storage, offset, Numbers(name, sizes), Numbers(name, strides))
            : throw Wrong(name);

    /// <summary>The tensor, whether it needs a gradient, and its hooks.</summary>
    private static TorchTensor Parameter(object?[] arguments) =>
        arguments is [TorchTensor tensor, bool, _] ? tensor : throw Wrong("torch._utils._rebuild_parameter");

    private static long[] Numbers(string name, PickleTuple tuple) =>
        [.. tuple.Items.Select(item => item is long number ? number : throw Wrong(name))];

    private static PyTorchFileException Wrong(string name) => new($"it calls '{name}' with arguments that this does not take: it is damaged");

    private static PyTorchFileException Refused(string name) =>
        new($"it wants '{Printable(name)}', which no state dictionary needs: only tensors and plain containers are read, nothing is run");

    /// <summary>A hostile name shall not reach the terminal as control characters, nor as pages of text.</summary>
    private static string Printable(string name)
    {
        const int Shown = 100;
        string safe = string.Concat(name.Select(c => char.IsControl(c) ? '?' : c));
        return safe.Length <= Shown ? safe : safe[..Shown] + "…";
    }
}
