using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Firmware.Tests;

public class PublishTests(FirmwareFixture firmware)
{
    [Fact]
    public void Publishing_gives_no_trim_or_AOT_warning()
    {
        Assert.NotNull(firmware.Published);
        Assert.DoesNotContain(firmware.Log, line => line.Contains("warning", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void The_executable_stays_small() =>
        Assert.InRange(firmware.Published.ExecutableBytes, 1, ExecutableLimit.For(firmware.Published.Target));

    [Fact]
    public void The_published_folder_holds_the_executable_alone() =>
        Assert.Equal(
            [FirmwarePublisher.ExecutableName],
            Directory.GetFiles(Path.GetDirectoryName(firmware.Published.Executable)!).Select(Path.GetFileName));
}
