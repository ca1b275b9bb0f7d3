namespace EdgeSparse.Cli.Display;

/// <summary>A meter as one line of a given width: title, bar, share done, rate, time left, detail.</summary>
internal readonly record struct ProgressLine(string Title, string Filled, string Rest, string Figures)
{
    /// <param name="meter">What to show.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="titleWidth">Columns of the title, the same for all lines on the screen.</param>
    public static ProgressLine Compose(ProgressMeter meter, int width, int titleWidth)
    {
        int barWidth = width >= 110 ? 30 : width >= 76 ? 12 : 6;
        int filled = (int)Math.Round(meter.Fraction * barWidth);
        string rate = meter.Unit.Length == 0 ? Quantity.Time(meter.Elapsed) : meter.Rate is > 0 and { } speed ? Quantity.Rate(speed, meter.Unit) : "";
        string left = meter.Left is { } time ? $"{Quantity.Time(time)} left" : "";
        string figures = meter.Total > 0
            ? $"{meter.Fraction * 100,3:F0} %  {rate,-14}  {left,-10}  {meter.Detail}"
            : $"{rate,-14}  {meter.Detail}";
        int figuresWidth = Math.Max(0, width - titleWidth - barWidth - 2);
        return new ProgressLine(
            Fit(meter.Title, titleWidth).PadRight(titleWidth),
            new string('━', filled),
            new string('━', barWidth - filled),
            Fit(figures.TrimEnd(), figuresWidth));
    }

    /// <summary>Columns that the titles need, within reason.</summary>
    public static int TitleWidth(IEnumerable<ProgressMeter> meters, int width) =>
        Math.Clamp(meters.Select(m => m.Title.Length).DefaultIfEmpty().Max(), 5, Math.Max(5, width * 3 / 8));

    /// <summary>Cut to a width, with an ellipsis where something is missing.</summary>
    public static string Fit(string text, int width) =>
        text.Length <= width ? text : width <= 1 ? text[..width] : text[..(width - 1)] + "…";
}
