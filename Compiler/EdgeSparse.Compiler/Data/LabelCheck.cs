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
            wide[i] = Within(labels[i], classes, i, path);
        }

        return wide;
    }

    /// <exception cref="DataException">The label is not one of 0 … <paramref name="classes"/> − 1.</exception>
    public static int Within(long label, int classes, int sample, string path) =>
        label >= 0 && label < classes
            ? (int)label
            : throw new DataException($"{path}: label {label} of sample {sample} is not one of the {classes} classes (0 to {classes - 1})");
}
