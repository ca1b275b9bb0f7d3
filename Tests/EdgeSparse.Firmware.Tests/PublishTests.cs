using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Firmware.Tests;

public class PublishTests(FirmwareFixture firmware)
{
    // 2026-11-26, x86-64-v4: 2 622 824 bytes; 1 718 600 before signatures, serving and watching (docs/decisions/0004: half a megabyte)
    // and meters (a third, most of it of the base library: parsing and formatting of numbers, files read as text, names of
    // enumerations). Raise the limit only with a reason; what an executable is made of, the build tells with
    // -p:IlcGenerateMapFile=true, and what brought a part in with -p:IlcGenerateDgmlFile=true.
    /// <summary>Bytes. The goal for Arm64 is 2.5 MB; kernels for every weight format and three instruction sets are a fifth of a megabyte.</summary>
    internal const long LargestExecutable = 2_650_000;

    [Fact]
    public void Publishing_gives_no_trim_or_AOT_warning()
    {
        Assert.NotNull(firmware.Published);
        Assert.DoesNotContain(firmware.Log, line => line.Contains("warning", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void The_executable_stays_small() =>
        Assert.InRange(firmware.Published.ExecutableBytes, 1, LargestExecutable);

    [Fact]
    public void The_published_folder_holds_the_executable_alone() =>
        Assert.Equal(
            [FirmwarePublisher.ExecutableName],
            Directory.GetFiles(Path.GetDirectoryName(firmware.Published.Executable)!).Select(Path.GetFileName));
}
