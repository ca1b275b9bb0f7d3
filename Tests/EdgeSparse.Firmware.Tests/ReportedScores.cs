using System.Text.Json;

namespace EdgeSparse.Firmware.Tests;

/// <summary>What <c>edgesparse-run --json</c> printed of its samples.</summary>
internal sealed record ReportedScores(int[] Classes, float[][] Scores)
{
    public static ReportedScores In(string output)
    {
        using JsonDocument json = JsonDocument.Parse(output);
        JsonElement[] samples = [.. json.RootElement.GetProperty("samples").EnumerateArray()];
        return new ReportedScores(
            [.. samples.Select(s => s.GetProperty("class").GetInt32())],
            [.. samples.Select(s => s.GetProperty("scores").EnumerateArray().Select(v => v.GetSingle()).ToArray())]);
    }
}
