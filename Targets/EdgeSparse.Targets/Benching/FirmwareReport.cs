using System.Collections.Immutable;
using System.Text.Json;

namespace EdgeSparse.Targets.Benching;

/// <summary>Reads what <c>edgesparse-run --json</c> printed on a device.</summary>
internal static class FirmwareReport
{
    /// <exception cref="TargetsException">It is no report with times in it.</exception>
    public static (DeviceLatency Latency, DeviceMemory Memory) Times(string json, int threads, string host) => Read(json, host, root =>
    {
        JsonElement bench = root.GetProperty("bench");
        return (
            new DeviceLatency(
                threads, bench.GetProperty("inferences").GetInt64(), bench.GetProperty("medianMicroseconds").GetDouble(),
                bench.GetProperty("p5Microseconds").GetDouble(), bench.GetProperty("p95Microseconds").GetDouble()),
            new DeviceMemory(
                root.GetProperty("blobBytes").GetInt64(), root.GetProperty("arenaBytes").GetInt64(),
                root.TryGetProperty("peakResidentBytes", out JsonElement peak) ? peak.GetInt64() : null));
    });

    /// <exception cref="TargetsException">It is no report with energy in it.</exception>
    public static (DeviceEnergy Energy, string? Stopped) Energy(string json, string host) => Read(json, host, root =>
    {
        JsonElement energy = root.GetProperty("energy");
        double? Number(string name) => energy.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
        ImmutableArray<string> remarks = [.. energy.GetProperty("remarks").EnumerateArray().Select(r => r.GetString()!)];
        return (
            new DeviceEnergy(
                energy.GetProperty("meter").GetString()!, Number("joulesPerInference"), Number("standardUncertaintyJoules"),
                Number("grossJoulesPerInference"), Number("idleWatts"), Number("busyWatts"), remarks),
            energy.TryGetProperty("stopped", out JsonElement stopped) ? stopped.GetString() : null);
    });

    private static T Read<T>(string json, string host, Func<JsonElement, T> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new TargetsException($"{host}: the device's edgesparse-run does not report as this version's does ({error.Message}); deploy the present one", error);
        }
    }
}
