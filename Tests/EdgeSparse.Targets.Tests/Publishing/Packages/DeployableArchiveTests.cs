using EdgeSparse.Targets.Publishing;
using EdgeSparse.Targets.Publishing.Packages;
using EdgeSparse.Targets.Signing;

namespace EdgeSparse.Targets.Tests.Publishing.Packages;

public class DeployableArchiveTests
{
    [Fact]
    public void An_archive_is_unpacked_to_the_folder_that_it_was_made_from()
    {
        using PublishedFolder folder = new(key: SigningKey.Create());
        string file = folder["digits.tar.gz"];
        long bytes = PackageFile.Write(file, folder.Deployable, new ServiceOptions());
        Assert.Equal(new FileInfo(file).Length, bytes);
        string into = Directory.CreateDirectory(folder["into"]).FullName;
        DeployableFolder unpacked = DeployableArchive.Unpack(file, into);
        Assert.Equal(Path.Combine(into, "digits"), unpacked.Folder);
        Assert.Equal(folder.Deployable.ManifestBytes, unpacked.ManifestBytes);
        Assert.Equal(folder.Deployable.Signature, unpacked.Signature);
        Assert.Equal(File.ReadAllBytes(folder["edgesparse-run"]), File.ReadAllBytes(Path.Combine(unpacked.Folder, "edgesparse-run")));
    }

    [Fact]
    public void Equal_folders_give_equal_bytes()
    {
        using PublishedFolder one = new();
        using PublishedFolder other = new();
        Assert.Equal(DeployableArchive.Create(one.Deployable, "m"), DeployableArchive.Create(other.Deployable, "m"));
    }

    [Fact]
    public void What_is_no_archive_is_named()
    {
        using PublishedFolder folder = new();
        string file = folder["m.tar.gz"];
        File.WriteAllText(file, "no archive");
        Assert.StartsWith(
            $"cannot read the archive '{file}': ",
            Assert.Throws<TargetsException>(() => DeployableArchive.Unpack(file, Directory.CreateDirectory(folder["into"]).FullName)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("out", false)]
    [InlineData("out.deb", true)]
    [InlineData("out.tar.gz", true)]
    [InlineData("out.tgz", false)]
    public void A_name_says_what_becomes_of_it(string name, bool isPackage) => Assert.Equal(isPackage, PackageFile.IsOne(name));

    [Fact]
    public void A_place_that_cannot_be_written_to_is_refused_before_any_work()
    {
        using PublishedFolder folder = new();
        Assert.Equal($"there is no folder '{folder["no"]}' to write 'm.deb' to", Assert.Throws<TargetsException>(() => PackageFile.Check(folder["no/m.deb"])).Message);
        string taken = Directory.CreateDirectory(folder["m.deb"]).FullName;
        Assert.Equal($"'{taken}' is a folder", Assert.Throws<TargetsException>(() => PackageFile.Check(taken)).Message);
    }
}
