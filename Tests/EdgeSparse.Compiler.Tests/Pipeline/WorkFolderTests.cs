using EdgeSparse.Compiler.Pipeline;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Pipeline;

public sealed class WorkFolderTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("edgesparse-").FullName;

    private string Work => Path.Combine(root, "work");

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void The_same_run_finds_its_checkpoints_again()
    {
        using (WorkFolder first = WorkFolder.Open(Work, "key", IProgressSink.Silent))
        {
            File.WriteAllText(Path.Combine(first.StageFolder(0, "train"), "checkpoint"), "state");
        }

        using WorkFolder second = WorkFolder.Open(Work, "key", IProgressSink.Silent);
        Assert.Equal("state", File.ReadAllText(Path.Combine(Work, "01-train", "checkpoint")));
    }

    [Fact]
    public void Another_run_starts_over()
    {
        using (WorkFolder first = WorkFolder.Open(Work, "key", IProgressSink.Silent))
        {
            File.WriteAllText(Path.Combine(first.StageFolder(0, "train"), "checkpoint"), "state");
        }

        using WorkFolder second = WorkFolder.Open(Work, "other", IProgressSink.Silent);
        Assert.False(Directory.Exists(Path.Combine(Work, "01-train")));
        Assert.Equal("other", File.ReadAllText(Path.Combine(Work, "run.key")));
    }

    [Fact]
    public void A_folder_with_other_files_is_never_taken()
    {
        Directory.CreateDirectory(Work);
        File.WriteAllText(Path.Combine(Work, "thesis.txt"), "five years");
        var error = Assert.Throws<EdgeSparseException>(() => WorkFolder.Open(Work, "key", IProgressSink.Silent));
        Assert.Equal($"the folder '{Work}' holds other files and is no work folder of edgesparse; name an empty or a new one with --work", error.Message);
        Assert.Equal("five years", File.ReadAllText(Path.Combine(Work, "thesis.txt")));
    }

    [Fact]
    public void Two_runs_cannot_share_a_folder()
    {
        using WorkFolder first = WorkFolder.Open(Work, "key", IProgressSink.Silent);
        var error = Assert.Throws<EdgeSparseException>(() => WorkFolder.Open(Work, "key", IProgressSink.Silent));
        Assert.Equal($"another run works in the folder '{Work}'; wait for it, or name another folder with --work", error.Message);
    }

    [Fact]
    public void A_run_that_stops_before_its_first_checkpoint_leaves_nothing()
    {
        using (WorkFolder folder = WorkFolder.Open(Work, "key", IProgressSink.Silent))
        {
            folder.StageFolder(0, "train");
        }

        Assert.False(Directory.Exists(Work));
    }

    [Fact]
    public void A_done_run_leaves_nothing()
    {
        WorkFolder folder = WorkFolder.Open(Work, "key", IProgressSink.Silent);
        folder.StageFolder(3, "a/b c");
        Assert.True(Directory.Exists(Path.Combine(Work, "04-a_b_c")));
        folder.Remove();
        Assert.False(Directory.Exists(Work));
    }

    [Fact]
    public void A_folder_below_a_file_is_one_clear_line()
    {
        string file = Path.Combine(root, "file");
        File.WriteAllText(file, "");
        Assert.StartsWith($"cannot work in the folder '{file}/work': ", Assert.Throws<EdgeSparseException>(
            () => WorkFolder.Open(Path.Combine(file, "work"), "key", IProgressSink.Silent)).Message);
    }
}
