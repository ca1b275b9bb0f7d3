using SkiaSharp;

namespace EdgeSparse.Compiler.Reporting;

/// <summary>The few letters that a plot's axes need, as lines on a grid of 4 × 6.</summary>
internal static class StrokeLetters
{
    private const float Cell = 2f;
    private const float Advance = 6 * Cell;

    /// <summary>For each letter its lines: digits in pairs are column and row, a space lifts the pen.</summary>
    private static readonly Dictionary<char, string> Lines = new()
    {
        ['0'] = "0040460600",
        ['1'] = "112026 1636",
        ['2'] = "004043030646",
        ['3'] = "00404606 0343",
        ['4'] = "000343 4046",
        ['5'] = "400003434606",
        ['6'] = "400006464303",
        ['7'] = "004046",
        ['8'] = "0040460600 0343",
        ['9'] = "430300404606",
        ['.'] = "1626",
        ['-'] = "0343",
        ['W'] = "0006234640",
        ['s'] = "420204444606",
    };

    /// <summary>Draws a text beside a point: to its left, or centred on it; vertically centred either way.</summary>
    public static void Draw(SKCanvas canvas, string text, float x, float y, bool alignRight, SKColor colour)
    {
        using SKPaint paint = new() { Color = colour, IsAntialias = true, StrokeWidth = 1.2f, Style = SKPaintStyle.Stroke };
        float width = (text.Length * Advance) - (2 * Cell);
        float left = alignRight ? x - width : x - (width / 2);
        float top = y - (3 * Cell);
        foreach (char letter in text)
        {
            foreach (string line in Lines.TryGetValue(letter, out string? lines) ? lines.Split(' ') : [])
            {
                for (int i = 2; i < line.Length; i += 2)
                {
                    canvas.DrawLine(Place(line, i - 2, left, top), Place(line, i, left, top), paint);
                }
            }

            left += Advance;
        }
    }

    private static SKPoint Place(string line, int i, float left, float top) => new(left + (Cell * (line[i] - '0')), top + (Cell * (line[i + 1] - '0')));
}
