using EdgeSparse.Targets.Publishing;
using EdgeSparse.Targets.Signing;

namespace EdgeSparse.Firmware.Tests;

/// <summary>Deployable folders of the one published executable.</summary>
internal static class ModelFolder
{
    /// <summary>A folder with a blob, a manifest of that order, and a signature where there is a key.</summary>
    public static DeployableFolder Create(FirmwareFixture firmware, byte[] blob, long order, SigningKey? key = null)
    {
        string folder = firmware.NewFile("");
        Directory.CreateDirectory(folder);
        string executable = Path.Combine(folder, FirmwarePublisher.ExecutableName);
        File.Copy(firmware.Published.Executable, executable);
        string path = Path.Combine(folder, "model.esb");
        File.WriteAllBytes(path, blob);
        return DeployableFolder.Write(firmware.Published.Target, executable, path, order, key);
    }

    public static string WritePublic(FirmwareFixture firmware, SigningKey key) => firmware.Write(".pub", System.Text.Encoding.ASCII.GetBytes(key.Public.Pem));
}
