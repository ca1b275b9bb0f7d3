namespace EdgeSparse.Compiler.Packing;

/// <summary>Offsets as 16-bit multiples of a slot where all are small enough, else as 32-bit elements.</summary>
internal static class IndexWidth
{
    public static bool IsNarrow(List<uint> offsets, int unit) => offsets.TrueForAll(o => o / (uint)unit <= ushort.MaxValue);

    public static byte[] Pack(string layer, List<uint> offsets, int unit)
    {
        if (!IsNarrow(offsets, unit))
        {
            return PackedWeight.BytesOf<uint>(layer, offsets.ToArray());
        }

        ushort[] narrow = new ushort[offsets.Count];
        for (int i = 0; i < narrow.Length; i++)
        {
            narrow[i] = (ushort)(offsets[i] / (uint)unit);
        }

        return PackedWeight.BytesOf<ushort>(layer, narrow);
    }
}
