using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Firmware.Tests.Serving;

public class WatchTests(FirmwareFixture firmware)
{
    [Fact]
    public void Every_file_that_is_put_into_the_folder_is_run_and_a_bad_one_ends_nothing()
    {
        string folder = firmware.NewFile("");
        Directory.CreateDirectory(folder);
        string model = firmware.Write(".esb", SmallNetworks.Scaled(2));
        using BackgroundProcess watch = new(firmware.Published.Executable, null, model, "--watch", folder);
        watch.WaitUntil(() => watch.Error.StartsWith("watching ", StringComparison.Ordinal), "the watch does not start");

        Write(Path.Combine(folder, "one.npy"), 1, 2, 3, 4);
        watch.WaitUntil(() => watch.Output == "one.npy 0: class 0  0:20 1:1\n", "the first file is not run");
        File.WriteAllText(Path.Combine(folder, "bad.npy"), "no numbers");
        watch.WaitUntil(() => watch.Error.Contains("bad.npy: ", StringComparison.Ordinal), "the bad file is not named");
        File.WriteAllText(Path.Combine(folder, ".hidden"), "no numbers");
        string elsewhere = firmware.NewFile(".npy");
        Write(elsewhere, -1, 0, 0, 0);
        File.Move(elsewhere, Path.Combine(folder, "two.npy"));
        watch.WaitUntil(() => watch.Output.EndsWith("two.npy 0: class 1  1:1 0:-2\n", StringComparison.Ordinal), "the file moved in is not run");

        watch.Signal(BackgroundProcess.Terminate);
        Assert.Equal(0, watch.Wait());
        Assert.DoesNotContain("hidden", watch.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_goes_away_ends_the_watch_with_an_error()
    {
        string folder = firmware.NewFile("");
        Directory.CreateDirectory(folder);
        using BackgroundProcess watch = new(firmware.Published.Executable, null, firmware.Write(".esb", SmallNetworks.Scaled(2)), "--watch", folder);
        watch.WaitUntil(() => watch.Error.StartsWith("watching ", StringComparison.Ordinal), "the watch does not start");
        Directory.Delete(folder);
        Assert.Equal(1, watch.Wait());
        Assert.EndsWith($"error: the folder '{folder}' is gone\n", watch.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_missing_is_named()
    {
        var result = firmware.Run(firmware.Write(".esb", SmallNetworks.Scaled(2)), "--watch", "no/such/folder");
        Assert.Equal((1, "error: cannot watch 'no/such/folder': No such file or directory\n"), (result.ExitCode, result.Error));
    }

    private static void Write(string path, params float[] values)
    {
        using FileStream stream = File.Create(path);
        NpyFile.Write(stream, values, 1, values.Length);
    }
}
