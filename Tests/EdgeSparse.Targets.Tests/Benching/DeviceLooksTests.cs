using EdgeSparse.Targets.Benching;

namespace EdgeSparse.Targets.Tests.Benching;

public class DeviceLooksTests
{
    [Fact]
    public void Temperatures_have_their_first_and_their_highest_value() =>
        Assert.Equal(
            [new DeviceTemperature("cpu-thermal", 45.5, 61), new DeviceTemperature("gpu", 40, 40)],
            Of("temp before gpu 40000\ntemp before cpu-thermal 45500\ntemp during cpu-thermal 61000\ntemp after cpu-thermal 58000\n").Temperatures());

    [Fact]
    public void Frequencies_are_those_under_load()
    {
        DeviceLooks looks = Of("freq before cpu0 600000\nfreq during cpu0 1500000\nfreq during cpu1 1200000\nfreq during cpu0 1400000\nfreq after cpu0 600000\nmost during cpu0 1800000\n");
        Assert.Equal(new DeviceFrequency(1200, 1400, 1500, 1800), looks.Frequency());
    }

    [Fact]
    public void After_a_run_of_less_than_a_second_frequencies_are_those_right_after_it() =>
        Assert.Equal(new DeviceFrequency(1500, 1500, 1500, null), Of("freq before cpu0 600000\nfreq after cpu0 1500000\n").Frequency());

    [Theory]
    [InlineData("pi during vcgencmd 0x0", true, "", "")]
    [InlineData("pi during vcgencmd 0x50005", true, "under-voltage throttled", "under-voltage throttled")]
    [InlineData("pi after sysfs e0008", true, "soft temperature limit", "frequency capped throttled soft temperature limit")]
    [InlineData("pi before vcgencmd 0x1", false, "", "")]
    [InlineData("count before cpu0 3\ncount after cpu0 3", true, "", "")]
    [InlineData("count before cpu0 3\ncount before cpu1 0\ncount after cpu0 5\ncount after cpu1 1", true, "too hot 3 times", "")]
    [InlineData("cool before cooling_device0 0\ncool during cooling_device0 2", true, "clock held down by the kernel's cooling", "")]
    [InlineData("cool before cooling_device0 2\ncool during cooling_device0 0", true, "", "")]
    [InlineData("temp before cpu 1", false, "", "")]
    public void What_held_the_device_back_is_put_into_words(string lines, bool known, string flags, string sinceBoot)
    {
        DeviceThrottling throttling = Of(lines).Throttling();
        Assert.Equal((known, flags, sinceBoot), (throttling.Known, string.Join(' ', throttling.Flags), string.Join(' ', throttling.SinceBoot)));
    }

    [Fact]
    public void A_device_without_sensors_says_nothing()
    {
        DeviceLooks looks = Of("nonsense\nfreq during cpu0 <unknown>\n");
        Assert.Empty(looks.Temperatures());
        Assert.Null(looks.Frequency());
        Assert.False(looks.Throttling().Known);
    }

    private static DeviceLooks Of(string text)
    {
        DeviceLooks looks = new();
        looks.Add(text);
        return looks;
    }
}
