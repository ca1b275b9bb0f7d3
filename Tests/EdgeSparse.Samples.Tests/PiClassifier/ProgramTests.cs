using EdgeSparse.Targets.Processes;

namespace EdgeSparse.Samples.Tests.PiClassifier;

/// <summary>The program as a process.</summary>
public sealed class ProgramTests : IDisposable
{
    private readonly SampleFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_pictures_of_a_folder_get_their_classes_in_the_order_of_their_names()
    {
        string model = folder.WriteRowSums();
        folder.WritePng("pictures/b.png", [0, 0], [255, 255]);
        folder.WritePng("pictures/a.png", [255, 255], [0, 0]);

        ProcessResult result = Run(model, "--folder", folder["pictures"], "--once");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal("a.png: class 0 (4)\nb.png: class 1 (4)\n", result.Output);
    }

    [Fact]
    public void A_file_that_is_no_picture_is_named_and_the_others_go_on()
    {
        string model = folder.WriteRowSums();
        folder.Write("pictures/a.png", "no picture at all"u8);
        folder.WritePng("pictures/b.png", [0, 0], [255, 255]);

        ProcessResult result = Run(model, "--folder", folder["pictures"], "--once");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal("b.png: class 1 (4)\n", result.Output);
        Assert.Equal($"error: {folder["pictures/a.png"]}: no PNG file: its signature is wrong\n", result.Error);
    }

    [Theory]
    [InlineData("no-such-device", "cannot open the camera '{0}': No such file or directory")]
    [InlineData("a-file", "'{0}' is no camera: it knows nothing of V4L2")]
    public void What_is_no_camera_is_said_in_one_line(string name, string message)
    {
        string model = folder.WriteRowSums();
        folder.Write("a-file", "x"u8);

        ProcessResult result = Run(model, "--camera", folder[name], "--once");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Equal($"error: {message.Replace("{0}", folder[name], StringComparison.Ordinal)}\n", result.Error);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        ProcessResult result = Run(folder.WriteRowSums(), "--folder", folder["absent"], "--once");

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith($"error: cannot look into the folder '{folder["absent"]}': ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("give a model, and either --folder or --camera", "m.esb")]
    [InlineData("give a model, and either --folder or --camera", "m.esb", "--folder", "a", "--camera", "b")]
    [InlineData("--pin needs CLASS=GPIO, two whole numbers, found '3'", "m.esb", "--folder", "a", "--pin", "3")]
    [InlineData("a GPIO line can stand for one class alone", "m.esb", "--folder", "a", "--pin", "1=17", "--pin", "2=17")]
    [InlineData("there is no option '--watch'", "m.esb", "--watch")]
    [InlineData("--folder needs a value", "m.esb", "--folder")]
    public void A_wrong_command_line_is_said_with_the_usage(string message, params string[] arguments)
    {
        ProcessResult result = Run(arguments);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"error: {message}\nusage: PiClassifier MODEL.esb --folder DIR", result.Error, StringComparison.Ordinal);
    }

    private static ProcessResult Run(params ReadOnlySpan<string> arguments) =>
        ProcessRunner.Run(
            new ProcessRequest("dotnet", [Path.Combine(AppContext.BaseDirectory, "PiClassifier.dll"), .. arguments]) { Timeout = TimeSpan.FromMinutes(1) },
            cancellation: TestContext.Current.CancellationToken);
}
