using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Signing;

namespace EdgeSparse.Targets.Publishing;

/// <summary>A folder with executable, blob and manifest, as <c>edgesparse publish --model</c> leaves it.</summary>
/// <param name="Folder">Where it is.</param>
/// <param name="Manifest">What it states; its files were found to be as stated.</param>
/// <param name="ManifestBytes">As they are signed.</param>
/// <param name="Signature">64 bytes; null where it is not signed.</param>
public sealed record DeployableFolder(string Folder, DeviceManifest Manifest, byte[] ManifestBytes, byte[]? Signature)
{
    /// <summary>Writes the manifest for the files in a folder, and its signature where there is a key to sign with.</summary>
    /// <param name="target">What the executable was built for.</param>
    /// <param name="executable">Path of the executable, in the folder.</param>
    /// <param name="blob">Path of the blob, in the same folder.</param>
    /// <param name="order">See <see cref="DeviceManifest.Order"/>.</param>
    /// <param name="key">Who signs; null to leave it unsigned.</param>
    /// <exception cref="TargetsException">A file cannot be read or written.</exception>
    public static DeployableFolder Write(TargetProfile target, string executable, string blob, long order, SigningKey? key)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(executable))!;
        try
        {
            DeviceManifest manifest = new()
            {
                Format = 1,
                Target = target.Id,
                Rid = target.Rid,
                InstructionSet = target.InstructionSet,
                Version = typeof(DeployableFolder).Assembly.GetName().Version!.ToString(3),
                Order = order,
                Executable = ManifestFile.Of(executable),
                Blob = ManifestFile.Of(blob),
            };
            byte[] bytes = manifest.ToBytes();
            byte[]? signature = key?.Sign(bytes);

            // The signature of an earlier manifest would be a wrong one of this.
            File.Delete(Path.Combine(folder, DeviceManifest.SignatureName));
            File.WriteAllBytes(Path.Combine(folder, DeviceManifest.FileName), bytes);
            if (signature is not null)
            {
                File.WriteAllBytes(Path.Combine(folder, DeviceManifest.SignatureName), signature);
            }

            return new DeployableFolder(folder, manifest, bytes, signature);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TargetsException($"cannot write the manifest to '{folder}': {error.Message}", error);
        }
    }

    /// <summary>Reads a folder and checks every file against the manifest.</summary>
    /// <exception cref="TargetsException">There is no manifest, or a file is missing or another one.</exception>
    public static DeployableFolder Read(string folder)
    {
        string path = Path.Combine(folder, DeviceManifest.FileName);
        try
        {
            if (!File.Exists(path))
            {
                throw new TargetsException($"there is no '{path}'; make a deployable folder with: edgesparse publish --target T --model M.esb -o '{folder}'");
            }

            byte[] bytes = File.ReadAllBytes(path);
            DeviceManifest manifest = DeviceManifest.Parse(bytes, $"'{path}'");
            foreach (ManifestFile file in manifest.Files)
            {
                string stated = Path.Combine(folder, file.Name);
                if (Path.GetFileName(file.Name) != file.Name || !File.Exists(stated) || ManifestFile.Of(stated) != file)
                {
                    throw new TargetsException($"'{stated}' is missing or not the file of the manifest; publish it again");
                }
            }

            string signature = Path.Combine(folder, DeviceManifest.SignatureName);
            return new DeployableFolder(folder, manifest, bytes, File.Exists(signature) ? File.ReadAllBytes(signature) : null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TargetsException($"cannot read '{folder}': {error.Message}", error);
        }
    }
}
