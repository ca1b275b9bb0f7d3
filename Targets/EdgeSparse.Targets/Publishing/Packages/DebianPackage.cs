using System.Globalization;
using System.Text;
using EdgeSparse.Targets.Profiles;

namespace EdgeSparse.Targets.Publishing.Packages;

/// <summary>
/// A package of Debian and Raspberry Pi OS (deb(5)) with a model, its executable and a service of systemd's that runs it. Equal folders
/// give equal bytes.
/// </summary>
public static class DebianPackage
{
    public const string Ending = ".deb";

    /// <summary>Refuses what no package can be made for, before anything is built.</summary>
    /// <exception cref="TargetsException">The target runs no Debian, or the service could not work.</exception>
    public static void Check(TargetProfile target, ServiceOptions service)
    {
        ArgumentNullException.ThrowIfNull(service);
        _ = ArchitectureOf(target.Rid) ?? throw new TargetsException($"'{target.Id}' ({target.Rid}) takes no Debian packages; publish a folder or a .tar.gz for it");
        service.Check();
    }

    /// <summary>Name of the package, its service, and its folders below /usr/lib/edgesparse and /run: <c>edgesparse-</c> and the blob's.</summary>
    /// <exception cref="TargetsException">Nothing is left of the blob's name.</exception>
    public static string NameOf(string blob)
    {
        string name = string.Concat(Path.GetFileNameWithoutExtension(blob).ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
        return name.Length > 0 ? $"edgesparse-{name}" : throw new TargetsException($"'{blob}' gives no name for a package: it needs a letter or a digit");
    }

    /// <param name="folder">Executable, blob, manifest and signature.</param>
    /// <param name="service">What the service does.</param>
    /// <returns>The package's bytes.</returns>
    /// <exception cref="TargetsException">A file cannot be read, or the folder's target takes no packages.</exception>
    public static byte[] Create(DeployableFolder folder, ServiceOptions service)
    {
        DeviceManifest manifest = folder.Manifest;
        string architecture = ArchitectureOf(manifest.Rid) ?? throw new TargetsException($"'{manifest.Target}' ({manifest.Rid}) takes no Debian packages");
        string name = NameOf(manifest.Blob.Name);
        string place = $"usr/lib/edgesparse/{name}";
        ArchivedFile[] contents = [.. DeployableArchive.Files(folder, place)];
        ArchivedFile[] files = [Text($"usr/lib/systemd/system/{name}.service", SystemdUnit.Text(name, $"/{place}", service)), .. contents];
        string control = $"""
            Package: {name}
            Version: {manifest.Order}+{manifest.Version}
            Architecture: {architecture}
            Maintainer: edgesparse publish <root@localhost>
            Installed-Size: {(files.Sum(f => (long)f.Content.Length) + 1023) / 1024}
            Depends: {DependenciesOf(contents.First(f => f.Executable).Content)}
            Section: science
            Priority: optional
            Description: EdgeSparse model {manifest.Blob.Name} for {manifest.Target}
             A pruned neural network, the executable that runs it, and a service that
             {(service.Watch is null ? "answers requests" : "runs it on every file that is put into a folder")}.

            """;
        return ArArchive.Create(
            [
                ("debian-binary", "2.0\n"u8.ToArray()),
                ("control.tar.gz", TarArchive.Create([Text("control", control), .. Scripts(name)], "./", manifest.Order)),
                ("data.tar.gz", TarArchive.Create(files, "./", manifest.Order)),
            ],
            0);
    }

    /// <summary>
    /// An upgrade leaves the service running: it takes over the new model by itself, as soon as dpkg has put the manifest in place, with
    /// no request lost. Whoever has switched it off finds it off after an upgrade too.
    /// </summary>
    private static IEnumerable<ArchivedFile> Scripts(string name)
    {
        yield return Script("postinst", $"""
            [ "$1" = configure ] || exit 0
            [ -n "$2" ] || systemctl enable {name}.service
            [ -d /run/systemd/system ] || exit 0
            systemctl daemon-reload
            if [ -n "$2" ]; then systemctl try-reload-or-restart {name}.service; else systemctl start {name}.service; fi
            """);
        yield return Script("prerm", $"""
            [ "$1" = remove ] || exit 0
            [ ! -d /run/systemd/system ] || systemctl stop {name}.service
            systemctl disable {name}.service
            """);
        yield return Script("postrm", """
            [ ! -d /run/systemd/system ] || systemctl daemon-reload
            """);
    }

    private static ArchivedFile Script(string name, string lines) => Text(name, $"#!/bin/sh\nset -e\n{lines}\n") with { Executable = true };

    private static ArchivedFile Text(string path, string text) => new(path, Encoding.UTF8.GetBytes(text));

    /// <summary>A static executable for musl runs on Debian too.</summary>
    private static string? ArchitectureOf(string rid) => rid switch
    {
        "linux-arm64" or "linux-musl-arm64" => "arm64",
        "linux-x64" or "linux-musl-x64" => "amd64",
        _ => null,
    };

    /// <summary>
    /// The C library's version is the highest among those of the symbols that the executable asks for (GLIBC_2.N in its string table).
    /// </summary>
    internal static string DependenciesOf(ReadOnlySpan<byte> executable)
    {
        ReadOnlySpan<byte> prefix = "\0GLIBC_2."u8;
        int highest = -1;
        for (int at = executable.IndexOf(prefix); at >= 0; at = executable.IndexOf(prefix))
        {
            executable = executable[(at + prefix.Length)..];
            int minor = 0;
            for (int i = 0; i < executable.Length && executable[i] is >= (byte)'0' and <= (byte)'9' && i < 4; i++)
            {
                minor = (minor * 10) + (executable[i] - '0');
            }

            highest = Math.Max(highest, minor);
        }

        return highest < 0 ? "systemd" : string.Create(CultureInfo.InvariantCulture, $"libc6 (>= 2.{highest}), systemd");
    }
}
