using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Data.Synthetic;

/// <summary>Writes one digit after another; not for several threads.</summary>
internal sealed class DigitWriter
{
    public const int Side = 28;
    private const int MostPoints = 24;
    private const int PiecesPerSpan = 5;

    // Fainter ink is paper: real scans are clipped so, and zeros are what a sparse runtime can skip.
    private const float Faint = 0.06f;

    private readonly StrokeRaster raster = new(Side);
    private readonly float[] scratch = new float[Side * Side];
    private readonly (float X, float Y)[] points = new (float X, float Y)[MostPoints];

    /// <summary>Draws a digit, every choice taken from <paramref name="random"/>.</summary>
    /// <param name="pixels">28×28 bytes, 0 is paper and 255 is ink.</param>
    public void Write(int digit, ref SplitMix64 random, Span<byte> pixels)
    {
        ImmutableArray<DigitStyle> styles = DigitStyle.Of(digit);
        ImmutableArray<DigitPoint> path = styles[random.Below(styles.Length)].Points;
        for (int i = 0; i < path.Length; i++)
        {
            points[i] = (path[i].X + (random.Normal() * 0.035f), path[i].Y + (random.Normal() * 0.035f));
        }

        Distortion distortion = new(ref random, Side);
        float radius = random.Uniform(0.6f, 1.7f);
        raster.Clear();
        for (int i = 1; i < path.Length; i++)
        {
            // The pen presses unevenly.
            float next = Math.Clamp(radius + (random.Normal() * 0.1f), 0.5f, 1.9f);
            if (!path[i].Starts)
            {
                Span(path, i, in distortion, radius, next);
            }

            radius = next;
        }

        Develop(ref random, pixels);
    }

    /// <summary>The piece of a stroke from point i − 1 to point i: a Catmull-Rom curve, straight at corners and ends.</summary>
    private void Span(ImmutableArray<DigitPoint> path, int i, in Distortion distortion, float startRadius, float endRadius)
    {
        (float X, float Y) from = points[i - 1];
        (float X, float Y) to = points[i];
        bool open = path[i - 1].Starts || path[i - 1].Corner;
        bool shut = path[i].Corner || i + 1 == path.Length || path[i + 1].Starts;
        (float X, float Y) before = open ? from : points[i - 2];
        (float X, float Y) after = shut ? to : points[i + 1];

        (float X, float Y) last = distortion.Apply(from.X, from.Y);
        float lastRadius = startRadius;
        for (int piece = 1; piece <= PiecesPerSpan; piece++)
        {
            float t = piece * (1f / PiecesPerSpan);
            (float X, float Y) here = distortion.Apply(
                CatmullRom(before.X, from.X, to.X, after.X, t), CatmullRom(before.Y, from.Y, to.Y, after.Y, t));
            float radius = startRadius + (t * (endRadius - startRadius));
            raster.Segment(last.X, last.Y, lastRadius, here.X, here.Y, radius);
            (last, lastRadius) = (here, radius);
        }
    }

    private static float CatmullRom(float before, float from, float to, float after, float t)
    {
        float linear = to - before;
        float square = (2f * before) - (5f * from) + (4f * to) - after;
        float cube = (3f * (from - to)) + after - before;
        return from + (0.5f * t * (linear + (t * (square + (t * cube)))));
    }

    /// <summary>Blur, uneven ink, specks; then bytes.</summary>
    private void Develop(ref SplitMix64 random, Span<byte> pixels)
    {
        raster.Soften(random.Uniform(0.1f, 0.9f), scratch);
        Span<float> ink = raster.Ink;
        int specks = Math.Max(0, random.Below(14) - 6);
        for (int i = 0; i < specks; i++)
        {
            ref float pixel = ref ink[random.Below(ink.Length)];
            pixel = MathF.Max(pixel, random.Uniform(0.1f, 0.8f));
        }

        float strength = random.Uniform(0.9f, 1.4f);
        float grain = random.Uniform(0f, 0.35f);
        for (int i = 0; i < ink.Length; i++)
        {
            float value = ink[i];
            if (value > 0f)
            {
                value = Math.Clamp(value * strength * (1f - (grain * random.Uniform())), 0f, 1f);
                value = value < Faint ? 0f : value;
            }

            pixels[i] = (byte)((value * 255f) + 0.5f);
        }
    }
}
