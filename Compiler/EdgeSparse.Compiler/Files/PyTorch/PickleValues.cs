namespace EdgeSparse.Compiler.Files.PyTorch;

// What a pickle may be made of, beside string, long, double, bool and null.

/// <summary>A dict or OrderedDict. Items with keys that are no text are dropped: optimizers have such, networks do not.</summary>
internal sealed class PickleDictionary
{
    private Dictionary<string, object?>? items;

    /// <summary>In the order of their first mention.</summary>
    public IReadOnlyCollection<KeyValuePair<string, object?>> Items => items ?? [];

    public object? this[string key] => items?.GetValueOrDefault(key);

    public void Set(object? key, object? value)
    {
        if (key is string text)
        {
            items ??= new Dictionary<string, object?>(StringComparer.Ordinal);
            items[text] = value;
        }
    }
}

/// <summary>A list.</summary>
internal sealed class PickleList
{
    public List<object?> Items { get; } = [];
}

/// <summary>A tuple.</summary>
internal sealed record PickleTuple(object?[] Items);

/// <summary>A whole number beyond 64 bits; nothing here needs its value.</summary>
internal sealed class PickleLargeNumber;

/// <summary>How a value is called in messages.</summary>
internal static class PickleKind
{
    public static string Of(object? value) => value switch
    {
        null => "None",
        string => "a text",
        long or PickleLargeNumber => "a whole number",
        double => "a number",
        bool => "a truth value",
        PickleDictionary => "a dictionary",
        PickleList => "a list",
        PickleTuple => "a tuple",
        TorchTensor => "a tensor",
        TorchStorage => "a storage",
        TorchGlobal global => $"the name '{global.Name}'",
        _ => throw new ArgumentException($"{value.GetType()} is no value of a pickle", nameof(value)),
    };
}
