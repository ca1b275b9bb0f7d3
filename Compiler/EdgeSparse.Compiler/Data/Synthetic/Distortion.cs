namespace EdgeSparse.Compiler.Data.Synthetic;

/// <summary>
/// How one sample is bent: an affine map of the unit box to pixels, then an elastic displacement, a coarse grid of random
/// vectors interpolated smoothly. Only additions, products and quotients, which are the same on every platform.
/// </summary>
internal struct Distortion
{
    private const int Cells = 3;
    private const int Nodes = Cells + 1;

    private readonly float xx, xy, yx, yy, centreX, centreY;
    private readonly float gridScale;
    private Grid elasticX;
    private Grid elasticY;

    public Distortion(ref SplitMix64 random, int side)
    {
        float height = side * random.Uniform(0.60f, 0.76f);
        float width = height * random.Uniform(0.55f, 0.95f);

        // Rotation by the half-angle formulas: t = tan(angle / 2).
        float t = Math.Clamp(random.Normal() * 0.075f, -0.17f, 0.17f);
        float cos = (1f - (t * t)) / (1f + (t * t));
        float sin = 2f * t / (1f + (t * t));
        float shear = Math.Clamp(random.Normal() * 0.16f, -0.38f, 0.38f);
        xx = cos * width;
        yx = sin * width;
        xy = ((-sin) - (shear * cos)) * height;
        yy = (cos - (shear * sin)) * height;

        float middle = (side - 1) * 0.5f;
        centreX = middle + (random.Normal() * 1.0f);
        centreY = middle + (random.Normal() * 1.0f);

        gridScale = (float)Cells / side;
        float strength = random.Uniform(0.2f, 1.2f);
        for (int i = 0; i < Nodes * Nodes; i++)
        {
            elasticX[i] = random.Normal() * strength;
            elasticY[i] = random.Normal() * strength;
        }
    }

    /// <summary>From the unit box to pixels.</summary>
    public readonly (float X, float Y) Apply(float x, float y)
    {
        float u = x - 0.5f;
        float v = y - 0.5f;
        float px = centreX + (u * xx) + (v * xy);
        float py = centreY + (u * yx) + (v * yy);

        float gx = Math.Clamp(px * gridScale, 0f, Cells - 0.001f);
        float gy = Math.Clamp(py * gridScale, 0f, Cells - 0.001f);
        int node = ((int)gy * Nodes) + (int)gx;
        float a = Smooth(gx - (int)gx);
        float b = Smooth(gy - (int)gy);
        return (px + Interpolate(in elasticX, node, a, b), py + Interpolate(in elasticY, node, a, b));
    }

    private static float Smooth(float t) => t * t * (3f - (2f * t));

    private static float Interpolate(in Grid grid, int node, float a, float b)
    {
        float top = grid[node] + (a * (grid[node + 1] - grid[node]));
        float bottom = grid[node + Nodes] + (a * (grid[node + Nodes + 1] - grid[node + Nodes]));
        return top + (b * (bottom - top));
    }

    [System.Runtime.CompilerServices.InlineArray(Nodes * Nodes)]
    private struct Grid
    {
        private float first;
    }
}
