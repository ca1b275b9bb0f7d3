using System.Diagnostics;
using System.Text.Json;

namespace EdgeSparse.Energy.Tests;

/// <summary>What -p:IotDeviceBindings=true adds, and that the meter which it adds works.</summary>
public class IotDeviceBindingsTests
{
    private const string Property = "-p:IotDeviceBindings=true";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);
    private static readonly string Root = FindRoot();

    [Fact]
    public void The_property_adds_one_package_and_one_source_and_takes_an_analyzer_away()
    {
        string project = Path.Combine(Root, "Runtime", "EdgeSparse.Energy", "EdgeSparse.Energy.csproj");
        string[] without = Items(project);
        string[] with = Items(project, Property);
        Assert.Equal(["Compile Meters/Ina219/IotIna219Meter.cs", "PackageReference Iot.Device.Bindings"], with.Except(without).Order(StringComparer.Ordinal));

        // The list of the public API is that of a build without the meter.
        Assert.Equal(["PackageReference Microsoft.CodeAnalysis.PublicApiAnalyzers"], without.Except(with));
    }

    [Fact]
    public void Built_with_the_property_the_meter_over_Iot_Device_Bindings_passes_its_tests()
    {
        // With intermediate files of its own: they are of other sources.
        string artifacts = Path.Combine(Root, "artifacts", "iot-device-bindings");
        string project = Path.Combine(Root, "Tests", "EdgeSparse.Energy.Tests", "EdgeSparse.Energy.Tests.csproj");
        (int code, string output) = Dotnet("build", project, "-c", "Release", "-nologo", "-v", "minimal", Property, $"-p:ArtifactsPath={artifacts}");
        Assert.SkipWhen(code != 0 && output.Contains("NU1101", StringComparison.Ordinal), "the package feed has no Iot.Device.Bindings");
        Assert.True(code == 0, output);
        string tests = Path.Combine(artifacts, "bin", "EdgeSparse.Energy.Tests", "release", "EdgeSparse.Energy.Tests.dll");
        (code, output) = Dotnet(tests, "-class", "EdgeSparse.Energy.Tests.Meters.IotIna219MeterTests", "-noColor", "-noLogo");
        Assert.True(code == 0, output);
        Assert.Contains("Total: 10, Errors: 0, Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
    }

    private static string[] Items(string project, params string[] further)
    {
        (int code, string output) = Dotnet(["msbuild", project, "-getItem:PackageReference", "-getItem:Compile", .. further]);
        Assert.True(code == 0, output);
        using JsonDocument json = JsonDocument.Parse(output);
        return
        [
            .. json.RootElement.GetProperty("Items").EnumerateObject().SelectMany(
                kind => kind.Value.EnumerateArray().Select(item => $"{kind.Name} {item.GetProperty("Identity").GetString()!.Replace('\\', '/')}")),
        ];
    }

    private static (int Code, string Output) Dotnet(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"dotnet {string.Join(' ', arguments)} did not end within {Limit}");
        }

        return (process.ExitCode, output.Result + error.Result);
    }

    private static string FindRoot()
    {
        DirectoryInfo? place = new(AppContext.BaseDirectory);
        while (place is not null && !File.Exists(Path.Combine(place.FullName, "EdgeSparse.sln")))
        {
            place = place.Parent;
        }

        return place?.FullName ?? throw new InvalidOperationException($"no EdgeSparse.sln above {AppContext.BaseDirectory}");
    }
}
