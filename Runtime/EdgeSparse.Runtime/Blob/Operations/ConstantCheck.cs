namespace EdgeSparse.Runtime.Blob;

/// <summary>Constant: planar, as many numbers as pixels.</summary>
internal static unsafe class ConstantCheck
{
    public static void Check(BlobView blob, int i, in ValueRecord y)
    {
        LayoutCheck.RequirePlanar(blob, i, "output", in y);
        ParameterBlock.OfExactly(blob, i, OperationCheck.PixelCount(in y));
    }
}
