using System.Collections.Immutable;
using EdgeSparse.Targets.Deploying;

namespace EdgeSparse.Targets.Benching;

/// <summary>How a model is measured on a device.</summary>
public sealed record RemoteBenchOptions
{
    public SshAccess Access { get; init; } = new();

    /// <summary>Folder of EdgeSparse on the device; relative to the user's home.</summary>
    public string Root { get; init; } = "edgesparse";

    /// <summary>Numbers of threads, one run each; null for one thread, and for as many as the device has cores.</summary>
    public ImmutableArray<int>? Threads { get; init; }

    /// <summary>How long to measure with each number of threads.</summary>
    public double Seconds { get; init; } = 5;

    /// <summary>What measures power on the device, as <c>edgesparse-run --energy</c> takes it; null for nothing.</summary>
    public string? Meter { get; init; }

    /// <summary>Seconds of each of the five runs that energy is measured in; null for the procedure's own ten.</summary>
    public double? EnergySeconds { get; init; }

    /// <summary>Where the device's sysfs is.</summary>
    public string SystemRoot { get; init; } = "/sys";
}

/// <summary>What is measured.</summary>
/// <param name="Executable">Path here of the firmware to send; null for the one in use on the device.</param>
/// <param name="Files">Paths here of further files to send: a blob, or a deployable folder's blob, manifest and signature.</param>
/// <param name="Blob">Name of the blob among them; null for the model in use on the device.</param>
/// <param name="Rid">Of the executable; null where none is sent.</param>
public sealed record BenchSubject(string? Executable, ImmutableArray<string> Files, string? Blob, string? Rid)
{
    /// <summary>The model in use on the device.</summary>
    public static BenchSubject InUse { get; } = new(null, [], null, null);

    /// <summary>A blob, run by the executable in use on the device.</summary>
    public static BenchSubject Of(string blob) => new(null, [blob], Path.GetFileName(blob), null);

    /// <summary>A deployable folder, run by its own executable.</summary>
    public static BenchSubject Of(Publishing.DeployableFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string PathOf(string name) => Path.Combine(folder.Folder, name);
        string[] signature = folder.Signature is null ? [] : [PathOf(Publishing.DeviceManifest.SignatureName)];
        return new BenchSubject(
            PathOf(folder.Manifest.Executable.Name), [PathOf(folder.Manifest.Blob.Name), PathOf(Publishing.DeviceManifest.FileName), .. signature],
            folder.Manifest.Blob.Name, folder.Manifest.Rid);
    }
}
