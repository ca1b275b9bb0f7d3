namespace EdgeSparse.Compiler.Data.Synthetic;

/// <summary>A square of ink, 0 to 1, drawn by round-ended segments with smooth edges.</summary>
internal sealed class StrokeRaster(int side)
{
    private readonly float[] ink = new float[side * side];

    public Span<float> Ink => ink;

    public void Clear() => Array.Clear(ink);

    /// <summary>Draws from (x0, y0) to (x1, y1) in pixels, pixel centres at whole numbers, with a radius that goes from r0 to r1.</summary>
    public void Segment(float x0, float y0, float r0, float x1, float y1, float r1)
    {
        float reach = MathF.Max(r0, r1) + 1f;
        int left = Math.Max(0, (int)(MathF.Min(x0, x1) - reach));
        int top = Math.Max(0, (int)(MathF.Min(y0, y1) - reach));
        int right = Math.Min(side - 1, (int)(MathF.Max(x0, x1) + reach));
        int bottom = Math.Min(side - 1, (int)(MathF.Max(y0, y1) + reach));
        float dx = x1 - x0;
        float dy = y1 - y0;
        float scale = 1f / MathF.Max((dx * dx) + (dy * dy), 1e-6f);
        for (int y = top; y <= bottom; y++)
        {
            for (int x = left; x <= right; x++)
            {
                float along = Math.Clamp((((x - x0) * dx) + ((y - y0) * dy)) * scale, 0f, 1f);
                float ex = x - x0 - (along * dx);
                float ey = y - y0 - (along * dy);
                float radius = r0 + (along * (r1 - r0));
                float coverage = Math.Clamp(radius + 0.5f - MathF.Sqrt((ex * ex) + (ey * ey)), 0f, 1f);
                ref float pixel = ref ink[(y * side) + x];
                pixel = MathF.Max(pixel, coverage);
            }
        }
    }

    /// <summary>Mixes in a 3×3 binomial blur (1 2 1 both ways): 0 leaves the ink sharp, 1 replaces it.</summary>
    public void Soften(float amount, Span<float> scratch)
    {
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                int i = (y * side) + x;
                scratch[i] = ((x > 0 ? ink[i - 1] : 0f) + (2f * ink[i]) + (x < side - 1 ? ink[i + 1] : 0f)) * 0.25f;
            }
        }

        for (int i = 0; i < ink.Length; i++)
        {
            float above = i >= side ? scratch[i - side] : 0f;
            float below = i < ink.Length - side ? scratch[i + side] : 0f;
            float blurred = (above + (2f * scratch[i]) + below) * 0.25f;
            ink[i] += amount * (blurred - ink[i]);
        }
    }
}
