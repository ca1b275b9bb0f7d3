using EdgeSparse.Compiler.Data.Pictures;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Training;

public sealed class RandomResizedCropTests
{
    [Theory]
    [InlineData(500, 375)]
    [InlineData(224, 300)]
    [InlineData(64, 64)]
    public void Parts_lie_within_the_picture_have_the_areas_and_proportions_asked_for_and_cover_it(int width, int height)
    {
        PicturePart[] parts = [.. Enumerable.Range(0, 2000).Select(i => RandomResizedCrop.Choose(width, height, 0.08, new SeededRandom(3, RandomPurpose.Augmentation, i)))];
        Assert.All(parts, p => Assert.True(p.Left >= 0 && p.Top >= 0 && p.Left + p.Width <= width && p.Top + p.Height <= height));
        double[] shares = [.. parts.Select(p => (double)p.Width * p.Height / (width * height))];
        Assert.InRange(shares.Min(), 0.07, 0.1);
        Assert.InRange(shares.Max(), 0.9, 1.0);

        // 0.54 before the large ones that would stick out were drawn again.
        Assert.InRange(shares.Average(), 0.38, 0.54);
        double[] proportions = [.. parts.Select(p => (double)p.Width / p.Height)];
        Assert.InRange(proportions.Min(), 0.73, 0.78);
        Assert.InRange(proportions.Max(), 1.28, 1.37);
        Assert.Contains(parts, p => p.Left == 0);
        Assert.Contains(parts, p => p.Top + p.Height >= height - 1);
    }

    [Fact]
    public void A_picture_with_no_such_part_gives_its_middle()
    {
        Assert.Equal(new PicturePart(433, 0, 133, 100), RandomResizedCrop.Choose(1000, 100, 1, new SeededRandom(1, RandomPurpose.Augmentation, 0)));
        Assert.Equal(new PicturePart(0, 433, 100, 133), RandomResizedCrop.Choose(100, 1000, 1, new SeededRandom(1, RandomPurpose.Augmentation, 0)));
        Assert.Equal(new PicturePart(0, 0, 1, 1), RandomResizedCrop.Choose(1, 1, 0.08, new SeededRandom(1, RandomPurpose.Augmentation, 0)));
    }
}
