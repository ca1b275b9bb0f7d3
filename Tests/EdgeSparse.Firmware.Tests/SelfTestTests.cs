namespace EdgeSparse.Firmware.Tests;

public class SelfTestTests(FirmwareFixture firmware)
{
    [Fact]
    public void A_blob_that_computes_what_it_states_passes()
    {
        var result = firmware.Run(firmware.Write(".esb", SmallNetworks.Scaled(1)), "--self-test");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Matches(@"^self-test passed: 1 samples, the largest deviation is [0-9.E-]+ of the largest output, 0.001 is allowed\n$", result.Output);
    }

    [Fact]
    public void A_blob_that_computes_something_else_fails()
    {
        var result = firmware.Run(firmware.Write(".esb", SmallNetworks.Lying()), "--self-test");
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Matches(@"^error: self-test failed: '.*' computes something else than it states: the largest deviation is [0-9.]+ of the largest output, 0.001 is allowed\n$", result.Error);
    }

    [Fact]
    public void A_blob_without_samples_says_so()
    {
        string blob = firmware.Write(".esb", SmallNetworks.RowSums());
        var result = firmware.Run(blob, "--self-test");
        Assert.Equal((0, $"no self-test: '{blob}' was packed without samples; it loads\n", ""), (result.ExitCode, result.Output, result.Error));
    }
}
