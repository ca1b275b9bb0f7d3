using System.Globalization;

namespace EdgeSparse.Compiler.Packing;

/// <summary>How many of a fully connected layer's weights meet inputs that are not zero, on average over samples.</summary>
/// <param name="Percent">Whole per cent of the weights: further digits would depend on the machine that ran the samples.</param>
/// <param name="Samples">How many samples were run.</param>
/// <param name="Source">What they are from, for reports.</param>
public sealed record NonZeroInputs(int Percent, int Samples, string Source)
{
    /// <summary>Above it no target gains by leaving out columns; the measured limit is 37 % (docs/results/kernels.md).</summary>
    internal const int MostPercent = 50;

    /// <summary>What cost tables tell apart: of another set of samples, a layer shall be the same one.</summary>
    private const int CoarsePercent = 5;

    /// <summary>0 to 1.</summary>
    internal double Share => Percent / 100.0;

    /// <summary>Whether a format that leaves out columns may pay.</summary>
    internal bool AreFew => Percent <= MostPercent;

    /// <summary>The share in steps of 5 %, at least 5 %: what times are measured with.</summary>
    internal NonZeroInputs Coarse => this with
    {
        Percent = Math.Max(CoarsePercent, (Percent + (CoarsePercent / 2)) / CoarsePercent * CoarsePercent),
    };

    /// <summary>For example <c>19 % of weights meet inputs that are not zero (256 samples of mnist)</c>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Percent} % of weights meet inputs that are not zero ({Samples} sample{(Samples == 1 ? "" : "s")} of {Source})");
}
