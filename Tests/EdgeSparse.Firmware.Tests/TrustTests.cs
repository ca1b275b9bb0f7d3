using EdgeSparse.Targets.Processes;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;
using EdgeSparse.Targets.Signing;

namespace EdgeSparse.Firmware.Tests;

public class TrustTests(FirmwareFixture firmware)
{
    private static readonly SigningKey Owner = SigningKey.Create();
    private static readonly SigningKey Stranger = SigningKey.Create();

    private string OwnersKey => ModelFolder.WritePublic(firmware, Owner);

    [Fact]
    public void A_signed_folder_and_its_blob_are_accepted()
    {
        DeployableFolder folder = ModelFolder.Create(firmware, SmallNetworks.Scaled(1), 5, Owner);
        Assert.Equal("verified: order 5, signed\n", Accepted(folder.Folder, "--verify", "--key", OwnersKey));
        Assert.StartsWith("self-test passed", Accepted(folder.Folder, "--self-test", "--key", OwnersKey));
        Assert.StartsWith("1 inferences", Accepted(Path.Combine(folder.Folder, "model.esb"), "--bench", "1", "--key", OwnersKey));
    }

    [Fact]
    public void Without_a_key_a_folder_is_checked_by_its_digests() =>
        Assert.Equal("verified: order 5, no key configured\n", Accepted(ModelFolder.Create(firmware, SmallNetworks.Scaled(1), 5).Folder, "--verify"));

    [Fact]
    public void An_unsigned_model_is_refused_once_there_is_a_key()
    {
        Refused("is not signed; with ", ModelFolder.Create(firmware, SmallNetworks.Scaled(1), 5).Folder, "--self-test", "--key", OwnersKey);
        Refused("; with ", firmware.Write(".esb", SmallNetworks.Scaled(1)), "--bench", "1", "--key", OwnersKey);
    }

    [Fact]
    public void A_strangers_signature_is_refused() =>
        Refused("did not sign it as it is", ModelFolder.Create(firmware, SmallNetworks.Scaled(1), 5, Stranger).Folder, "--self-test", "--key", OwnersKey);

    [Fact]
    public void What_was_changed_after_signing_is_refused()
    {
        DeployableFolder folder = ModelFolder.Create(firmware, SmallNetworks.Scaled(1), 5, Owner);
        string manifest = Path.Combine(folder.Folder, DeviceManifest.FileName);
        string blob = Path.Combine(folder.Folder, "model.esb");
        string executable = Path.Combine(folder.Folder, FirmwarePublisher.ExecutableName);

        File.WriteAllBytes(blob, SmallNetworks.Scaled(2));
        Refused("is not the file of the manifest: its SHA-256 is another", folder.Folder, "--self-test", "--key", OwnersKey);
        File.WriteAllBytes(blob, [1, 2, 3]);
        Refused("has 3 bytes, not the ", blob, "--self-test", "--key", OwnersKey);
        File.WriteAllBytes(blob, SmallNetworks.Scaled(1));
        Accepted(folder.Folder, "--verify", "--key", OwnersKey);

        File.AppendAllText(executable, "x");
        Refused("edgesparse-run' has ", folder.Folder, "--verify", "--key", OwnersKey);
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"order\":5", "\"order\":6", StringComparison.Ordinal));
        Refused("did not sign it as it is", folder.Folder, "--self-test", "--key", OwnersKey);
    }

    [Fact]
    public void Another_blob_beside_a_signed_one_is_refused()
    {
        DeployableFolder folder = ModelFolder.Create(firmware, SmallNetworks.Scaled(1), 5, Owner);
        string other = Path.Combine(folder.Folder, "other.esb");
        File.WriteAllBytes(other, SmallNetworks.Scaled(2));
        Refused("is not the blob of the manifest beside it", other, "--bench", "1", "--key", OwnersKey);
    }

    [Fact]
    public void An_older_model_is_refused_over_a_newer_one()
    {
        string older = ModelFolder.Create(firmware, SmallNetworks.Scaled(1), 5).Folder;
        string newer = ModelFolder.Create(firmware, SmallNetworks.Scaled(2), 6).Folder;
        Assert.Equal("verified: order 6, no key configured\n", Accepted(newer, "--verify", "--over", older));
        Refused("the model is older than the one in place (order 5, in place 6); deploy it with --allow-downgrade", older, "--verify", "--over", newer);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"format\":1,\"order\":1,\"blob\":{\"name\":\"model.esb\",\"bytes\":3}}")]
    [InlineData("{\"format\":1,\"order\":1,\"blob\":{\"name\":\"../model.esb\",\"bytes\":3,\"sha256\":\"0000000000000000000000000000000000000000000000000000000000000000\"}}")]
    [InlineData("{\"format\":1,\"order\":\"1\"}")]
    [InlineData("{\"format\":2}")]
    [InlineData("{\"format\":1,\"order\":1} {}")]
    public void A_manifest_that_means_nothing_is_refused(string text)
    {
        string folder = firmware.NewFile("");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, DeviceManifest.FileName), text);
        Refused("manifest.json' ", folder, "--self-test");
    }

    [Fact]
    public void A_key_file_that_is_none_is_named()
    {
        string blob = firmware.Write(".esb", SmallNetworks.Scaled(1));
        Refused("error: there is no key file 'no/such.pub'", blob, "--self-test", "--key", "no/such.pub");
        Refused("holds no Ed25519 public key in PEM", blob, "--self-test", "--key", firmware.Write(".pub", "ssh-ed25519 AAAA"u8));
    }

    [Fact]
    public void A_key_that_is_baked_in_cannot_be_left_out_or_replaced()
    {
        _ = firmware.Published;
        PublishedFirmware own = new FirmwarePublisher(ToolchainFile.Read(), SourceTree.Find()).Publish(
            firmware.Published.Target, firmware.NewFile(""), trust: new PublishTrust { Trusted = Owner.Public }, cancellation: TestContext.Current.CancellationToken);
        string signed = ModelFolder.Create(firmware, SmallNetworks.Scaled(1), 5, Owner).Folder;
        string unsigned = ModelFolder.Create(firmware, SmallNetworks.Scaled(1), 5).Folder;
        Assert.Equal("verified: order 5, signed\n", Run(signed, "--verify").Output);
        Assert.EndsWith("with the executable's own key configured, only models signed by its owner are loaded\n", Run(unsigned, "--self-test").Error, StringComparison.Ordinal);
        string stranger = ModelFolder.WritePublic(firmware, Stranger);
        Assert.Equal(
            $"error: '{stranger}' holds another key than the one that this executable was built with\n", Run(signed, "--self-test", "--key", stranger).Error);

        ProcessResult Run(params ReadOnlySpan<string> arguments) =>
            ProcessRunner.Run(new ProcessRequest(own.Executable, [.. arguments]), cancellation: TestContext.Current.CancellationToken);
    }

    private string Accepted(params ReadOnlySpan<string> arguments)
    {
        ProcessResult result = firmware.Run(arguments);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return result.Output;
    }

    private void Refused(string expected, params ReadOnlySpan<string> arguments)
    {
        ProcessResult result = firmware.Run(arguments);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("error: ", result.Error, StringComparison.Ordinal);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.Error.Count(c => c == '\n'));
    }
}
