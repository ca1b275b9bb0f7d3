using EdgeSparse.Compiler.Reporting;
using SkiaSharp;

namespace EdgeSparse.Compiler.Tests.Reporting;

public class PowerPlotTests
{
    private static readonly SKColor Shade = new(0xE6, 0xEF, 0xFA);

    [Fact]
    public void The_curve_and_the_shaded_windows_lie_where_their_values_are()
    {
        // 2 W until 5 s, then 4 W; axes from 0 to 10 s (90 to 1180 pixels) and from 0 to 4 W (430 to 20 pixels).
        byte[] png = PowerPlot.Png([(0, 2), (5, 2), (5.0001, 4), (10, 4)], [(6, 8)]);
        using SKBitmap picture = SKBitmap.Decode(png);
        Assert.Equal((PowerPlot.Width, PowerPlot.Height), (picture.Width, picture.Height));
        Assert.True(IsCurve(picture.GetPixel(250, 225)), picture.GetPixel(250, 225).ToString());
        Assert.True(IsCurve(picture.GetPixel(1000, 20)), picture.GetPixel(1000, 20).ToString());
        Assert.False(IsCurve(picture.GetPixel(1000, 225)));
        Assert.Equal(Shade, picture.GetPixel(800, 300));
        Assert.Equal(SKColors.White, picture.GetPixel(700, 300));
        Assert.Equal(SKColors.White, picture.GetPixel(1000, 300));
    }

    [Fact]
    public void Idle_windows_have_another_shade()
    {
        using SKBitmap picture = SKBitmap.Decode(PowerPlot.Png([(0, 4), (10, 4)], [(6, 8)], [(2, 4)]));
        Assert.Equal(Shade, picture.GetPixel(800, 300));
        Assert.Equal(new SKColor(0xF0, 0xF0, 0xF0), picture.GetPixel(420, 300));
        Assert.Equal(SKColors.White, picture.GetPixel(620, 300));
    }

    [Fact]
    public void Zero_is_written_without_a_sign()
    {
        // Of "0.0 W" and "0 s" the signs would stand in these columns.
        using SKBitmap picture = SKBitmap.Decode(PowerPlot.Png([(0, 4), (10, 4)], []));
        Assert.All(Enumerable.Range(0, 24), x => Assert.Equal(SKColors.White, picture.GetPixel(x, 430)));
        Assert.All(Enumerable.Range(62, 10), x => Assert.Equal(SKColors.White, picture.GetPixel(x, 450)));
    }

    [Fact]
    public void Axes_have_letters_without_any_font()
    {
        using SKBitmap picture = SKBitmap.Decode(PowerPlot.Png([(0, 1), (1, 1)], []));
        Assert.Contains(Enumerable.Range(0, 80), x => picture.GetPixel(x, 20).Red < 0xA0);
        Assert.Contains(Enumerable.Range(60, 60), x => picture.GetPixel(x, 450).Red < 0xA0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e-7)]
    [InlineData(-3)]
    [InlineData(12345)]
    public void Any_power_can_be_drawn(double watts) =>
        Assert.NotEmpty(PowerPlot.Png([(0, watts), (0.001, watts)], [(0, 0.001)]));

    private static bool IsCurve(SKColor colour) => colour.Blue > colour.Red + 40;
}
