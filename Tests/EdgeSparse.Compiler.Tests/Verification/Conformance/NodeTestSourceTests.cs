using System.Formats.Tar;
using System.IO.Compression;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Verification;

public sealed class NodeTestSourceTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("edgesparse-node-tests-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Folders_with_a_model_are_tests_at_any_depth_in_the_order_of_their_names()
    {
        Write("node/test_b");
        Write("node/test_a");
        Write("other/deeper/test_c");
        Directory.CreateDirectory(Path.Combine(folder, "node", "empty"));
        Assert.Equal(["test_a", "test_b", "test_c"], NodeTestSource.Read(folder).Select(t => t.Name));
        Assert.Equal(["test_a"], NodeTestSource.Read(Path.Combine(folder, "node", "test_a")).Select(t => t.Name));
    }

    [Fact]
    public void A_gzipped_archive_holds_the_same_tests()
    {
        Write("tests/node/test_b");
        Write("tests/node/test_a");
        string archive = Path.Combine(folder, "tests.tar.gz");
        using (GZipStream gzip = new(File.Create(archive), CompressionLevel.Fastest))
        {
            TarFile.CreateFromDirectory(Path.Combine(folder, "tests"), gzip, includeBaseDirectory: false);
        }

        IReadOnlyList<NodeTest> tests = NodeTestSource.Read(archive);
        Assert.Equal(["test_a", "test_b"], tests.Select(t => t.Name));
        Assert.All(tests, t => Assert.Equal(NodeTestResult.Passed, t.Run((graph, inputs) => [[0, 2]]).Result));
    }

    [Fact]
    public void What_holds_no_tests_is_refused()
    {
        Assert.Equal($"there is no folder '{folder}/none'", Error($"{folder}/none"));
        Assert.Equal($"'{folder}' holds no test: none of its folders has a model.onnx", Error(folder));
        File.WriteAllText(Path.Combine(folder, "x.txt"), "x");
        Assert.Equal($"'{folder}/x.txt' is neither a folder nor a .tar.gz archive of tests", Error($"{folder}/x.txt"));
        File.WriteAllText(Path.Combine(folder, "x.tar.gz"), "no archive");
        Assert.StartsWith($"cannot read the tests in '{folder}/x.tar.gz': ", Error($"{folder}/x.tar.gz"), StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(folder, "test_a"));
        File.WriteAllBytes(Path.Combine(folder, "test_a", "model.onnx"), []);
        Assert.Equal("the test 'test_a' has no test_data_set_0", Error(folder));
    }

    private static string Error(string path) => Assert.ThrowsAny<EdgeSparseException>(() => NodeTestSource.Read(path)).Message;

    private void Write(string test)
    {
        foreach ((string name, byte[] bytes) in ConformanceTests.Files("Relu", [0, 2]))
        {
            string path = Path.Combine(folder, test, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, bytes);
        }
    }
}
