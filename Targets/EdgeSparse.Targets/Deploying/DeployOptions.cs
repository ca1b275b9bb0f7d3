using EdgeSparse.Targets.Signing;

namespace EdgeSparse.Targets.Deploying;

/// <summary>How a model is put on devices.</summary>
public sealed record DeployOptions
{
    public SshAccess Access { get; init; } = new();

    /// <summary>Folder on the device; relative to the user's home.</summary>
    public string Root { get; init; } = "edgesparse";

    /// <summary>Whether a model may replace a newer one.</summary>
    public bool AllowDowngrade { get; init; }

    /// <summary>Whether the device's clock may be off by more than <see cref="Deployer.LargestClockError"/>.</summary>
    public bool AllowWrongClock { get; init; }

    /// <summary>Put on a device that has no key yet: from then on it takes models of this key's owner alone.</summary>
    public PublicKey? Trust { get; init; }

    /// <summary>This machine's clock, which devices' are compared with.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How long a server on the device has to take over a model.</summary>
    public int HealthSeconds { get; init; } = 15;
}

/// <summary>What became of a deployment to one host.</summary>
/// <param name="Host">The device.</param>
/// <param name="Slot">The slot in use now.</param>
/// <param name="Changed">Whether another model is in use than before.</param>
/// <param name="TransferredBytes">Commands, files and answers, without what SSH itself adds.</param>
/// <param name="Detail">What the device says of the model: its self-test, or its server's state.</param>
public sealed record DeployResult(string Host, string Slot, bool Changed, long TransferredBytes, string Detail);

/// <summary>What runs on a device.</summary>
/// <param name="Host">The device.</param>
/// <param name="Slot">In use; null before the first deployment.</param>
/// <param name="Blob">Name of the blob in use.</param>
/// <param name="Order">Of the model in use.</param>
/// <param name="Target">That it was built for.</param>
/// <param name="Previous">Name and order of the model that a rollback goes to; null where there is none.</param>
/// <param name="KeyConfigured">Whether the device takes signed models alone.</param>
/// <param name="FreeBytes">On the disk.</param>
/// <param name="ClockErrorSeconds">The device's clock minus this machine's.</param>
/// <param name="Detail">The self-test's sentence, or the server's state; or why it failed.</param>
/// <param name="Healthy">Whether the model in use answers.</param>
public sealed record DeviceStatus(
    string Host, string? Slot, string? Blob, long? Order, string? Target, string? Previous, bool KeyConfigured, long FreeBytes,
    double ClockErrorSeconds, string Detail, bool Healthy);
