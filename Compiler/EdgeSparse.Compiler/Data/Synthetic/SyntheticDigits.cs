using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Data.Synthetic;

/// <summary>
/// Digits written by a procedure, 28×28 grey, for trying the whole way with no download: seeded strokes in several styles a
/// digit, with affine and elastic distortion, uneven thickness, blur, grain and specks. The same seed gives the same bytes on
/// every machine and for any number of threads.
/// </summary>
public static class SyntheticDigits
{
    public const string Name = "synthetic-digits";
    public const int DefaultSeed = 1;
    public const int DefaultTrain = 60_000;
    public const int DefaultTest = 10_000;

    /// <summary>The set; each part is written when it is first read, on all processors.</summary>
    public static Dataset Create(int seed = DefaultSeed, int train = DefaultTrain, int test = DefaultTest) =>
        new(
            Name,
            new TensorShape(1, DigitWriter.Side, DigitWriter.Side),
            ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
            new InputScaling([0f], [1f]),
            new SyntheticSplit((ulong)seed, stream: 0, train),
            new SyntheticSplit((ulong)seed, stream: 1, test));
}
