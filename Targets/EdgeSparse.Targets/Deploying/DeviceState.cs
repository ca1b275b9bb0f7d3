using System.Globalization;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Targets.Deploying;

/// <summary>What a device said of itself.</summary>
internal sealed record DeviceState
{
    /// <summary>As <c>uname -m</c> prints it.</summary>
    public string Machine { get; private init; } = "";

    public DateTimeOffset Clock { get; private init; }

    public long FreeBytes { get; private init; }

    /// <summary>Where the link <c>current</c> leads, for example <c>slots/a</c>; empty before the first deployment.</summary>
    public string Current { get; private init; } = "";

    /// <summary>Beginning of the SHA-256 of each slot's manifest; a slot without one is absent.</summary>
    public IReadOnlyDictionary<string, string> ManifestDigests { get; private init; } = new Dictionary<string, string>();

    /// <summary>Beginning of the SHA-256 of the public key in place; null where there is none.</summary>
    public string? KeyDigest { get; private init; }

    /// <summary>What deploying needs and the device lacks; null where there is nothing.</summary>
    public string? Lacks { get; private init; }

    /// <summary>The slot in use, <c>a</c> or <c>b</c>; null before the first deployment.</summary>
    public string? Slot => Current.Length > 0 ? Current[^1..] : null;

    public string OtherSlot => Slot == "a" ? "b" : "a";

    /// <exception cref="TargetsException">The output is not that of the probe.</exception>
    public static DeviceState Parse(string output, HostAddress host)
    {
        DeviceState state = new();
        Dictionary<string, string> slots = [];
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split(' ', 2);
            string value = words.Length > 1 ? words[1].Trim() : "";
            switch (words[0])
            {
                case "arch":
                    state = state with { Machine = value };
                    break;
                case "time" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds):
                    state = state with { Clock = DateTimeOffset.FromUnixTimeSeconds(seconds) };
                    break;
                case "free" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long kilobytes):
                    state = state with { FreeBytes = kilobytes * 1024 };
                    break;
                case "current":
                    state = state with { Current = value };
                    break;
                case "key":
                    state = state with { KeyDigest = value };
                    break;
                case "lacks":
                    state = state with { Lacks = value };
                    break;
                case "a" or "b":
                    slots[words[0]] = value;
                    break;
            }
        }

        return state.Machine.Length > 0 && state.Clock != default && state.Current is "" or "slots/a" or "slots/b"
            ? state with { ManifestDigests = slots }
            : throw new TargetsException($"{host}: the device does not answer as a POSIX system does: {output.ReplaceLineEndings(" ")}");
    }

    /// <summary>Manifests of the slots, from the script's output.</summary>
    public static Dictionary<string, DeviceManifest> ParseManifests(string output, HostAddress host)
    {
        Dictionary<string, DeviceManifest> manifests = [];
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            manifests[line[..1]] = DeviceManifest.Parse(System.Text.Encoding.UTF8.GetBytes(line[2..]), $"{host}: the manifest of slot {line[..1]}");
        }

        return manifests;
    }
}
