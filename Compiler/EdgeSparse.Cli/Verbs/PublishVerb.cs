using System.CommandLine;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;
using EdgeSparse.Targets.Signing;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse publish --target T --model M.esb -o DIR</c>.</summary>
internal sealed class PublishVerb : Verb
{
    private readonly Option<string?> target = TargetOption.Create("device to build for; this machine when left out");
    private readonly Option<string?> model = new("--model") { Description = "a blob to put beside the executable", HelpName = "M.esb" };
    private readonly Option<string> output = new("--output", "-o") { Description = "the folder to fill", HelpName = "DIR", Required = true };

    private readonly Option<string?> sign = new("--sign") { Description = "sign the folder with this private key, for devices that take signed models alone", HelpName = "KEY" };
    private readonly Option<string?> trust = new("--trust") { Description = "bake this public key into the executable: it then takes models of its owner alone", HelpName = "KEY.pub" };
    private readonly Option<long?> order = new("--order") { Description = "the model's place among those for its device, later ones higher; the blob's time when left out", HelpName = "N" };

    public PublishVerb()
        : base("publish", "build the device's executable with NativeAOT and put it into a folder")
    {
        Add(target);
        Add(model);
        Add(output);
        Add(sign);
        Add(trust);
        Add(order);
        Validators.Add(result =>
        {
            if (result.GetResult(model) is null && (result.GetResult(sign) is not null || result.GetResult(order) is not null))
            {
                result.AddError("--sign and --order are about a model: give --model");
            }
        });
    }

    protected override int Run(VerbContext context)
    {
        TargetProfile profile = TargetOption.Resolve(context, context.Value(target));
        PublishTrust trusted = new()
        {
            Signer = context.Value(sign) is { } key ? SigningKey.Read(key) : null,
            Trusted = context.Value(trust) is { } known ? PublicKey.Read(known) : null,
            Order = context.Value(order),
        };
        FirmwarePublisher publisher = new(context.Toolchain, SourceTree.Find());
        PublishedFirmware firmware;
        using (IProgressTask task = context.Progress.Begin($"building for {profile.Id}", 0, "lines"))
        {
            firmware = publisher.Publish(
                profile, context.Required(output), context.Value(model), trusted,
                line =>
                {
                    task.Advance();
                    task.Describe(line.Trim());
                },
                context.Cancellation);
        }

        var result = new
        {
            Target = profile.Id,
            firmware.Executable,
            firmware.ExecutableBytes,
            firmware.Blob,
            firmware.Deployable?.Manifest.Order,
            Signed = firmware.Deployable?.Signature is not null,
        };
        context.Report(result, (console, r) => console.WriteFacts(
            [("executable", $"{r.Executable}, {Quantity.Bytes(r.ExecutableBytes)} for {r.Target}"), .. r.Blob is null ? Array.Empty<(string, string)>() : [("blob", $"{r.Blob}, order {r.Order}, {(r.Signed ? "signed" : "not signed")}")]]));
        return ExitCode.Success;
    }
}
