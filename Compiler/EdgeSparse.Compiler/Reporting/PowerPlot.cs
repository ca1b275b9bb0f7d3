using SkiaSharp;

namespace EdgeSparse.Compiler.Reporting;

/// <summary>
/// A power trace as a PNG picture: watts over seconds, windows shaded. Its letters are strokes of its own, for machines without
/// fonts, and so that the same trace gives the same picture everywhere.
/// </summary>
public static class PowerPlot
{
    /// <summary>Pixels.</summary>
    public const int Width = 1200;

    /// <summary>Pixels.</summary>
    public const int Height = 480;

    private const int Left = 90;
    private const int Right = 20;
    private const int Top = 20;
    private const int Bottom = 50;
    private const int TicksWanted = 8;

    private static readonly SKColor Ink = new(0x20, 0x20, 0x20);
    private static readonly SKColor Rule = new(0xDD, 0xDD, 0xDD);
    private static readonly SKColor Shade = new(0xE6, 0xEF, 0xFA);
    private static readonly SKColor IdleShade = new(0xF0, 0xF0, 0xF0);
    private static readonly SKColor Curve = new(0x1F, 0x5F, 0xBF);

    /// <summary>Draws a trace.</summary>
    /// <param name="points">Times in seconds, ascending, with watts; at least two.</param>
    /// <param name="windows">Begins and ends in seconds of the parts to shade in blue.</param>
    /// <param name="idle">Likewise in grey; none when left out.</param>
    /// <returns>The bytes of a PNG file of <see cref="Width"/> × <see cref="Height"/> pixels.</returns>
    public static byte[] Png(
        IReadOnlyList<(double Seconds, double Watts)> points, IReadOnlyList<(double From, double To)> windows,
        IReadOnlyList<(double From, double To)>? idle = null)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(windows);
        ArgumentOutOfRangeException.ThrowIfLessThan(points.Count, 2, nameof(points));
        Axis time = Axis.Over(points[0].Seconds, points[^1].Seconds, Left, Width - Right, exact: true);
        Axis power = Axis.Over(Math.Min(0, points.Min(p => p.Watts)), Math.Max(1e-9, points.Max(p => p.Watts)), Height - Bottom, Top, exact: false);
        using SKSurface surface = SKSurface.Create(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        SKCanvas canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        using SKPaint paint = new() { IsAntialias = false };
        DrawWindows(canvas, paint, time, idle ?? [], IdleShade);
        DrawWindows(canvas, paint, time, windows, Shade);
        DrawRules(canvas, paint, time, power);
        using SKPathBuilder line = new();
        line.MoveTo(time.At(points[0].Seconds), power.At(points[0].Watts));
        foreach ((double seconds, double watts) in points.Skip(1))
        {
            line.LineTo(time.At(seconds), power.At(watts));
        }

        using SKPath path = line.Detach();
        paint.Color = Curve;
        paint.Style = SKPaintStyle.Stroke;
        paint.StrokeWidth = 1.5f;
        paint.IsAntialias = true;
        canvas.DrawPath(path, paint);
        using SKImage image = surface.Snapshot();
        using SKData data = image.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private static void DrawWindows(SKCanvas canvas, SKPaint paint, Axis time, IReadOnlyList<(double From, double To)> windows, SKColor shade)
    {
        paint.Color = shade;
        foreach ((double from, double to) in windows)
        {
            canvas.DrawRect(SKRect.Create(time.At(from), Top, Math.Max(1, time.At(to) - time.At(from)), Height - Bottom - Top), paint);
        }
    }

    private static void DrawRules(SKCanvas canvas, SKPaint paint, Axis time, Axis power)
    {
        foreach (double watts in power.Ticks)
        {
            float y = power.At(watts);
            paint.Color = Rule;
            canvas.DrawLine(Left, y, Width - Right, y, paint);
            StrokeLetters.Draw(canvas, power.Label(watts) + " W", Left - 8, y, alignRight: true, Ink);
        }

        foreach (double seconds in time.Ticks)
        {
            float x = time.At(seconds);
            paint.Color = Rule;
            canvas.DrawLine(x, Top, x, Height - Bottom, paint);
            StrokeLetters.Draw(canvas, time.Label(seconds) + " s", x, Height - Bottom + 20, alignRight: false, Ink);
        }
    }

    /// <summary>Values from <paramref name="Low"/> to <paramref name="High"/> onto pixels, with ticks at round numbers.</summary>
    private sealed record Axis(double Low, double High, float From, float To, double Step)
    {
        public IEnumerable<double> Ticks
        {
            get
            {
                for (double tick = Math.Ceiling((Low / Step) - 1e-9); tick * Step <= High + (1e-9 * Step); tick++)
                {
                    // Rounding up to zero gives a zero with a sign, which would be written.
                    yield return (tick * Step) + 0.0;
                }
            }
        }

        public static Axis Over(double low, double high, float from, float to, bool exact)
        {
            double rough = (high - low) / TicksWanted;
            double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
            double step = power * (rough / power <= 1 ? 1 : rough / power <= 2 ? 2 : rough / power <= 5 ? 5 : 10);
            return exact ? new Axis(low, high, from, to, step) : new Axis(Math.Floor(low / step) * step, Math.Ceiling(high / step) * step, from, to, step);
        }

        public float At(double value) => From + (float)((value - Low) / (High - Low) * (To - From));

        public string Label(double value) =>
            value.ToString("F" + Math.Clamp((int)Math.Ceiling(-Math.Log10(Step) - 1e-9), 0, 9), System.Globalization.CultureInfo.InvariantCulture);
    }
}
