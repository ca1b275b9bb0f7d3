using System.Collections.Immutable;

namespace EdgeSparse.Targets.Benching;

/// <summary>What was measured on a device.</summary>
/// <param name="Host">The device.</param>
/// <param name="Machine">What it is.</param>
/// <param name="Runs">Latencies, one entry for each number of threads.</param>
/// <param name="Memory">Of the process with one thread.</param>
/// <param name="Temperatures">Of each sensor; empty where the device shows none.</param>
/// <param name="Frequency">Of the cores; null where the device does not say.</param>
/// <param name="Throttling">Whether the device held itself back.</param>
/// <param name="Energy">Joules per inference; null where no meter was named, or it could not be read.</param>
/// <param name="EnergyProblem">Why there is no energy; null where there is, or none was asked for.</param>
public sealed record RemoteBenchResult(
    string Host, DeviceMachine Machine, ImmutableArray<DeviceLatency> Runs, DeviceMemory Memory, ImmutableArray<DeviceTemperature> Temperatures,
    DeviceFrequency? Frequency, DeviceThrottling Throttling, DeviceEnergy? Energy, string? EnergyProblem);

/// <param name="Model">As the device tree or the processor calls itself; empty where neither does.</param>
/// <param name="Architecture">As <c>uname -m</c> prints it.</param>
/// <param name="Cores">That are online.</param>
public sealed record DeviceMachine(string Model, string Architecture, int Cores);

/// <param name="Threads">Of the session.</param>
/// <param name="Inferences">That were timed.</param>
public sealed record DeviceLatency(int Threads, long Inferences, double MedianMicroseconds, double P5Microseconds, double P95Microseconds);

/// <param name="BlobBytes">Of the blob, mapped.</param>
/// <param name="ArenaBytes">Of activations.</param>
/// <param name="PeakResidentBytes">The most that was in the machine's memory; null where the firmware does not say.</param>
public sealed record DeviceMemory(long BlobBytes, long ArenaBytes, long? PeakResidentBytes);

/// <param name="Sensor">As the kernel calls it, for example <c>cpu-thermal</c>.</param>
/// <param name="BeforeCelsius">Before the first run.</param>
/// <param name="HighestCelsius">Of all times it was looked at.</param>
public sealed record DeviceTemperature(string Sensor, double BeforeCelsius, double HighestCelsius);

/// <summary>Clocks of all cores, looked at once a second while inferences ran.</summary>
/// <param name="LowestMegahertz">Of any core.</param>
/// <param name="MedianMegahertz">Of all.</param>
/// <param name="HighestMegahertz">Of any core.</param>
/// <param name="PossibleMegahertz">The most that the cores can do.</param>
public sealed record DeviceFrequency(double LowestMegahertz, double MedianMegahertz, double HighestMegahertz, double? PossibleMegahertz);

/// <param name="Known">Whether the device says anything about it.</param>
/// <param name="Flags">What held it back while it was measured, in words; empty for nothing.</param>
/// <param name="SinceBoot">What has held it back at any time since it was started, on a Raspberry Pi.</param>
public sealed record DeviceThrottling(bool Known, ImmutableArray<string> Flags, ImmutableArray<string> SinceBoot);

/// <param name="Meter">That measured.</param>
/// <param name="JoulesPerInference">Above idle, the median of the runs; null where the meter stopped.</param>
/// <param name="StandardUncertaintyJoules">Of it.</param>
/// <param name="GrossJoulesPerInference">Idle power counted in.</param>
/// <param name="Remarks">What is to be said of the measurement.</param>
public sealed record DeviceEnergy(
    string Meter, double? JoulesPerInference, double? StandardUncertaintyJoules, double? GrossJoulesPerInference, double? IdleWatts, double? BusyWatts,
    ImmutableArray<string> Remarks);
