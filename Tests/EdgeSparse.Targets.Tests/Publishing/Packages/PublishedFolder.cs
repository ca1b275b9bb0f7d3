using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;
using EdgeSparse.Targets.Signing;

namespace EdgeSparse.Targets.Tests.Publishing.Packages;

/// <summary>A deployable folder whose executable is none, for what only packs files.</summary>
internal sealed class PublishedFolder : IDisposable
{
    /// <summary>2026-11-26 00:00 UTC.</summary>
    public const long Order = 1795651200;

    public PublishedFolder(string target = "rpi4", string blob = "Digits v2.esb", SigningKey? key = null)
    {
        File.WriteAllBytes(this["edgesparse-run"], [0x7F, .. "ELF"u8, 0, .. "GLIBC_2.17"u8, 0, .. "GLIBC_2.34"u8, 0, .. "GLIBC_2.4"u8, 0]);
        File.WriteAllText(this[blob], "weights");
        Deployable = DeployableFolder.Write(ToolchainFile.Read().Find(target), this["edgesparse-run"], this[blob], Order, key);
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("edgesparse-published").FullName;

    public DeployableFolder Deployable { get; }

    public string this[string name] => Path.Combine(Root, name);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
