using EdgeSparse.Compiler.Data.Pictures;

namespace EdgeSparse.Compiler.Training;

/// <summary>
/// A random part of a picture, of any area from a smallest share on and any proportions from 3:4 to 4:3 (Szegedy et al. 2015,
/// "Going Deeper with Convolutions", section 6; areas uniform, proportions uniform in their logarithm).
/// </summary>
internal static class RandomResizedCrop
{
    private const int Attempts = 10;
    private const double Widest = 4.0 / 3;

    /// <summary>The part; after ten that would not fit, the largest middle part within the proportions.</summary>
    /// <param name="width">Of the picture.</param>
    /// <param name="height">Of the picture.</param>
    /// <param name="smallestShare">Of the area, above 0 and at most 1.</param>
    /// <param name="random">Decides alone.</param>
    public static PicturePart Choose(int width, int height, double smallestShare, SeededRandom random)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            double area = (double)width * height * (smallestShare + ((1 - smallestShare) * random.NextUnit()));
            double proportion = Math.Exp(Math.Log(Widest) * ((2 * random.NextUnit()) - 1));
            int partWidth = (int)Math.Round(Math.Sqrt(area * proportion));
            int partHeight = (int)Math.Round(Math.Sqrt(area / proportion));
            if (partWidth > 0 && partWidth <= width && partHeight > 0 && partHeight <= height)
            {
                return new PicturePart(random.Next(width - partWidth + 1), random.Next(height - partHeight + 1), partWidth, partHeight);
            }
        }

        int middleWidth = (int)Math.Min(width, Math.Max(1, Math.Round(height * Widest)));
        int middleHeight = (int)Math.Min(height, Math.Max(1, Math.Round(width * Widest)));
        return new PicturePart((width - middleWidth) / 2, (height - middleHeight) / 2, middleWidth, middleHeight);
    }
}
