namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Gives values that one operation maps onto each other the same row stride, so that the operation runs over a whole plane
/// as one contiguous stretch, padding columns included, instead of row by row.
/// </summary>
internal sealed class RowStrides
{
    private readonly Dictionary<string, string> parent = [];
    private readonly Dictionary<string, int> widest = [];

    /// <summary>Adds a value with the row stride that it needs at least.</summary>
    public void Add(string value, int smallest)
    {
        parent.Add(value, value);
        widest.Add(value, smallest);
    }

    /// <summary>Asks for at least this stride; a value that was not added lies fixed and stays out.</summary>
    public void Raise(string value, int smallest)
    {
        if (parent.ContainsKey(value))
        {
            string root = Find(value);
            widest[root] = Math.Max(widest[root], smallest);
        }
    }

    /// <summary>Asks for one stride for both; a value that was not added lies fixed and stays out.</summary>
    public void Join(string left, string right)
    {
        if (!parent.ContainsKey(left) || !parent.ContainsKey(right))
        {
            return;
        }

        string a = Find(left);
        string b = Find(right);
        if (a != b)
        {
            parent[b] = a;
            widest[a] = Math.Max(widest[a], widest[b]);
        }
    }

    public int Of(string value) => widest[Find(value)];

    private string Find(string value)
    {
        while (parent[value] != value)
        {
            parent[value] = parent[parent[value]];
            value = parent[value];
        }

        return value;
    }
}
