namespace EdgeSparse.Cli.Display;

/// <summary>A meter as one line of a given width: title, bar, share done, rate, time left, detail.</summary>
internal readonly record struct ProgressLine(string Title, string Filled, string Rest, string Figures)
{
    public static ProgressLine Compose(ProgressMeter meter, int width)
    {
        int titleWidth = width >= 110 ? 28 : width >= 76 ? 20 : 12;
        int barWidth = width >= 110 ? 30 : width >= 76 ? 12 : 6;
        int filled = (int)Math.Round(meter.Fraction * barWidth);
        string share = meter.Total > 0 ? $"{meter.Fraction * 100,3:F0} %" : "     ";
        string rate = meter.Done > 0 ? Quantity.Rate(meter.Rate, meter.Unit) : "";
        string left = meter.Left is { } time ? $"{Quantity.Time(time)} left" : "";
        int figuresWidth = Math.Max(0, width - titleWidth - barWidth - 3);
        return new ProgressLine(
            Fit(meter.Title, titleWidth).PadRight(titleWidth),
            new string('━', filled),
            new string('━', barWidth - filled),
            Fit($"{share} {rate,-16} {left,-10} {meter.Detail}".TrimEnd(), figuresWidth));
    }

    /// <summary>Cut to a width, with an ellipsis where something is missing.</summary>
    public static string Fit(string text, int width) =>
        text.Length <= width ? text : width <= 1 ? text[..width] : text[..(width - 1)] + "…";
}
