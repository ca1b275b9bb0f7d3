using System.Text;

namespace EdgeSparse.Compiler.Packing;

/// <summary>The Strings section: names in UTF-8, each distinct one once, in order of first use.</summary>
internal sealed class StringTable
{
    private readonly Dictionary<string, (uint Offset, uint Length)> places = [];
    private readonly List<byte> bytes = [];

    public (uint Offset, uint Length) Add(string name)
    {
        if (!places.TryGetValue(name, out (uint Offset, uint Length) place))
        {
            byte[] encoded = Encoding.UTF8.GetBytes(name);
            place = ((uint)bytes.Count, (uint)encoded.Length);
            bytes.AddRange(encoded);
            places[name] = place;
        }

        return place;
    }

    public byte[] ToArray() => bytes.ToArray();
}
