using EdgeSparse.Cli.Display;

namespace EdgeSparse.Cli.Tests.Display;

public sealed class ProgressTests
{
    [Fact]
    public void A_line_fits_its_width_whatever_the_title_and_detail()
    {
        using ProgressMeter meter = Meter("a title that is much too long for any terminal of that width", 100);
        meter.Advance(50);
        meter.Describe(new string('x', 300));
        foreach (int width in new[] { 20, 40, 79, 119, 200 })
        {
            int titleWidth = ProgressLine.TitleWidth([meter], width);
            var line = ProgressLine.Compose(meter, width, titleWidth);
            Assert.True($"{line.Title} {line.Filled}{line.Rest} {line.Figures}".Length <= width, $"{width} columns");
        }
    }

    [Fact]
    public void Half_done_fills_half_of_the_bar()
    {
        using ProgressMeter meter = Meter("train", 100);
        meter.Advance(50);
        var line = ProgressLine.Compose(meter, 80, 5);
        Assert.Equal("train", line.Title);
        Assert.Equal(new string('━', 6), line.Filled);
        Assert.Equal(new string('━', 6), line.Rest);
        Assert.StartsWith(" 50 %", line.Figures);
    }

    [Fact]
    public void The_leap_of_a_resumed_run_does_not_count_as_speed()
    {
        using ProgressMeter meter = Meter("train", 1_000_000);
        meter.Advance(900_000);
        Thread.Sleep(300);
        Assert.True(meter.Rate < 1, $"rate {meter.Rate}");
        Assert.Equal(0.9, meter.Fraction);
    }

    [Fact]
    public void Work_of_unknown_size_has_no_share_and_no_time_left()
    {
        using ProgressMeter meter = Meter("publish", 0);
        meter.Advance(10);
        Thread.Sleep(250);
        Assert.Null(meter.Left);
        Assert.DoesNotContain("%", ProgressLine.Compose(meter, 80, 8).Figures);
        Assert.StartsWith("publish: 10.0 samples", PlainProgress.Line(meter));
    }

    [Fact]
    public void Work_that_is_not_counted_tells_how_long_it_has_taken()
    {
        using ProgressMeter meter = new("building", 0, "", _ => { }, _ => { });
        meter.Advance();
        meter.Describe("linking");
        Assert.Matches(@"^building: \d+\.\d s, linking$", PlainProgress.Line(meter));
        Assert.Matches(@"^\d+\.\d s +linking$", ProgressLine.Compose(meter, 80, 8).Figures);
    }

    [Fact]
    public void A_log_has_notes_at_once_and_no_line_for_quick_work()
    {
        StringWriter log = new() { NewLine = "\n" };
        PlainProgress progress = new(log);
        using (var task = progress.Begin("quick", 3, "samples"))
        {
            task.Advance();
            task.Advance(2);
        }

        progress.Note("done");
        Assert.Equal("done\n", log.ToString());
    }

    private static ProgressMeter Meter(string title, long total) => new(title, total, "samples", _ => { }, _ => { });
}
