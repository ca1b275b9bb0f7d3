namespace EdgeSparse.Compiler.Data;

/// <summary>Labels as a file has them, checked against the number of classes.</summary>
internal static class LabelCheck
{
    /// <exception cref="DataException">A label is not below <paramref name="classes"/>; the message names the first.</exception>
    public static int[] Widen(ReadOnlySpan<byte> labels, int classes, string path)
    {
        int[] wide = new int[labels.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            wide[i] = labels[i] < classes
                ? labels[i]
                : throw new DataException($"{path}: label {labels[i]} of sample {i} is not one of the {classes} classes (0 to {classes - 1})");
        }

        return wide;
    }
}
