using System.Text;

namespace EdgeSparse.Compiler.Packing;

/// <summary>The Strings section: names in UTF-8, each distinct one once, in order of first use.</summary>
internal sealed class StringTable
{
    private const int LongestName = 4096;

    private readonly Dictionary<string, (uint Offset, uint Length)> places = [];
    private readonly List<byte> bytes = [];

    /// <exception cref="PackingException">A reader would refuse the name.</exception>
    public (uint Offset, uint Length) Add(string name)
    {
        if (!places.TryGetValue(name, out (uint Offset, uint Length) place))
        {
            byte[] encoded = Encoding.UTF8.GetBytes(name);
            if (encoded.Length > LongestName || name.Any(char.IsControl))
            {
                throw new PackingException(
                    $"the name '{name.Replace('\n', ' ')}' has {encoded.Length} bytes or a control character; up to {LongestName} bytes of text are possible");
            }

            place = ((uint)bytes.Count, (uint)encoded.Length);
            bytes.AddRange(encoded);
            places[name] = place;
        }

        return place;
    }

    public byte[] ToArray() => bytes.ToArray();
}
