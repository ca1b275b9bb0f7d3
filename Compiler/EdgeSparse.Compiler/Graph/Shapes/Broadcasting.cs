namespace EdgeSparse.Compiler.Graphs;

/// <summary>ONNX's broadcasting: shapes aligned at the last dimension, length 1 and missing dimensions repeated.</summary>
public static class Broadcasting
{
    /// <summary>The shape of the result, or null where the two do not fit. A symbolic batch only meets itself, 1 or nothing.</summary>
    public static TensorShape? Of(TensorShape left, TensorShape right)
    {
        int rank = Math.Max(left.Rank, right.Rank);
        int[] dims = new int[rank];
        long elements = 1;
        for (int i = 0; i < rank; i++)
        {
            int l = i < rank - left.Rank ? 1 : left[i - (rank - left.Rank)];
            int r = i < rank - right.Rank ? 1 : right[i - (rank - right.Rank)];
            dims[i] = l == 1 ? r : l;
            elements *= Math.Max(dims[i], 1);
            if ((l != r && l != 1 && r != 1) || (dims[i] == TensorShape.Symbolic && i > 0) || elements > int.MaxValue)
            {
                return null;
            }
        }

        return new TensorShape(dims);
    }
}
