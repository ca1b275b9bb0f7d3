using EdgeSparse.Compiler.Data;

namespace EdgeSparse.Compiler.Tests.Data;

public sealed class DatasetCatalogTests : IDisposable
{
    private readonly DataFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_named_folder_comes_before_the_variable_and_that_before_the_cache()
    {
        DataLocations locations = new("a") { FromVariable = "b", Cache = "c" };
        Assert.Equal(["a", "b", "c"], locations.Folders);
        Assert.Equal("a", locations.DownloadFolder);
        Assert.Equal(["c"], new DataLocations { FromVariable = null, Cache = "c" }.Folders);
        Assert.Equal("c", new DataLocations { FromVariable = "b", Cache = "c" }.DownloadFolder);
    }

    [Fact]
    public void The_first_folder_that_holds_the_set_wins()
    {
        string second = Path.Combine(folder.Root, "second");
        folder.Write("second/mnist/train-images-idx3-ubyte", DataFolder.Idx([1, 1, 1], 5));
        folder.Write("second/mnist/train-labels-idx1-ubyte", DataFolder.Idx([1], 5));
        folder.Write("second/mnist/t10k-images-idx3-ubyte", DataFolder.Idx([1, 1, 1], 5));
        folder.Write("second/mnist/t10k-labels-idx1-ubyte", DataFolder.Idx([1], 5));
        DataLocations locations = new(Path.Combine(folder.Root, "first")) { FromVariable = second, Cache = folder.Root };
        Assert.Equal(1, DatasetCatalog.Open("mnist", locations).Train.Count);
        Directory.CreateDirectory(Path.Combine(folder.Root, "first", "mnist"));
        Assert.Equal(1, DatasetCatalog.Open("mnist", locations).Train.Count);
    }

    [Theory]
    [InlineData("mnist")]
    [InlineData("fashion-mnist")]
    [InlineData("cifar-10")]
    [InlineData("cifar-100")]
    public void An_absent_set_says_where_it_was_looked_for_and_how_to_get_it(string name)
    {
        DataLocations locations = new("/nowhere/a") { FromVariable = "/nowhere/b", Cache = "/nowhere/c" };
        Assert.Equal(
            $"data set '{name}' is not in /nowhere/a, /nowhere/b, /nowhere/c; get it with: edgesparse data get {name}",
            Assert.Throws<DataException>(() => DatasetCatalog.Open(name, locations)).Message);
    }

    [Fact]
    public void A_misspelt_name_gets_the_near_one() =>
        Assert.Equal(
            "no data set or folder 'mnsit'; did you mean 'mnist'? Allowed: mnist, fashion-mnist, cifar-10, cifar-100, synthetic-digits",
            Assert.Throws<DataException>(() => DatasetCatalog.Open("mnsit", folder.Locations)).Message);

    [Fact]
    public void A_folder_of_nothing_known_is_refused_with_what_is_expected() =>
        Assert.StartsWith($"{folder.Root}: no data set: expected train/CLASS/", Assert.Throws<DataException>(() => DatasetCatalog.Open(folder.Root, folder.Locations)).Message);
}
