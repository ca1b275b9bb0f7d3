using System.CommandLine;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;
using EdgeSparse.Targets.Publishing.Packages;
using EdgeSparse.Targets.Signing;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse publish --target T --model M.esb -o DIR</c>.</summary>
internal sealed class PublishVerb : Verb
{
    private readonly Option<string?> target = TargetOption.Create("device to build for; this machine when left out");
    private readonly Option<string?> model = new("--model") { Description = "a blob to put beside the executable", HelpName = "M.esb" };
    private readonly Option<string> output = new("--output", "-o") { Description = "the folder to fill, or a file that ends in .tar.gz or .deb", HelpName = "OUT", Required = true };

    private readonly Option<string?> sign = new("--sign") { Description = "sign the folder with this private key, for devices that take signed models alone", HelpName = "KEY" };
    private readonly Option<string?> trust = new("--trust") { Description = "bake this public key into the executable: it then takes models of its owner alone", HelpName = "KEY.pub" };
    private readonly Option<long?> order = new("--order") { Description = "the model's place among those for its device, later ones higher; the blob's time when left out", HelpName = "N" };

    private readonly Option<string?> serve = new("--serve") { Description = "where the service of a .deb listens; a Unix socket in its folder below /run when left out", HelpName = "tcp:HOST:PORT" };
    private readonly Option<string?> watch = new("--watch") { Description = "the folder of the device that the service of a .deb watches, in place of serving", HelpName = "DIR" };

    public PublishVerb()
        : base("publish", "build the device's executable with NativeAOT and put it into a folder, an archive or a Debian package")
    {
        Add(target);
        Add(model);
        Add(output);
        Add(sign);
        Add(trust);
        Add(order);
        Add(serve);
        Add(watch);
        Validators.Add(result =>
        {
            if (result.GetResult(model) is null && (result.GetResult(sign) is not null || result.GetResult(order) is not null))
            {
                result.AddError("--sign and --order are about a model: give --model");
            }
            else if (result.GetResult(output) is { Tokens: [var token] } && PackageFile.IsOne(token.Value) && result.GetResult(model) is null)
            {
                result.AddError($"{token.Value} is to hold a model: give --model");
            }
            else if ((result.GetResult(serve) is not null || result.GetResult(watch) is not null)
                && !(result.GetResult(output) is { Tokens: [var name] } && PackageFile.IsDebian(name.Value)))
            {
                result.AddError("--serve and --watch are for the service of a Debian package: end the name of --output with .deb");
            }
            else if (result.GetResult(serve) is not null && result.GetResult(watch) is not null)
            {
                result.AddError("--serve and --watch exclude each other");
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
        string place = context.Required(output);
        ServiceOptions service = new() { Serve = context.Value(serve), Watch = context.Value(watch) };
        bool packed = PackageFile.IsOne(place);
        if (packed)
        {
            PackageFile.Check(place);
        }

        if (PackageFile.IsDebian(place))
        {
            DebianPackage.Check(profile, service);
        }

        FirmwarePublisher publisher = new(context.Toolchain, SourceTree.Find());
        using StagingFolder? staging = packed ? new StagingFolder() : null;
        PublishedFirmware firmware;
        using (IProgressTask task = context.Progress.Begin($"building for {profile.Id}", 0, ""))
        {
            firmware = publisher.Publish(
                profile, staging?.Path ?? place, context.Value(model), trusted,
                line =>
                {
                    task.Advance();
                    task.Describe(line.Trim());
                },
                context.Cancellation);
        }

        Report(context, firmware, packed ? place : null, packed ? PackageFile.Write(place, firmware.Deployable!, service) : null);
        return ExitCode.Success;
    }

    private static void Report(VerbContext context, PublishedFirmware firmware, string? package, long? packageBytes)
    {
        var result = new
        {
            Target = firmware.Target.Id,
            Executable = package is null ? firmware.Executable : FirmwarePublisher.ExecutableName,
            firmware.ExecutableBytes,
            Blob = package is null ? firmware.Blob : firmware.Deployable!.Manifest.Blob.Name,
            firmware.Deployable?.Manifest.Order,
            Signed = firmware.Deployable?.Signature is not null,
            Package = package,
            PackageBytes = packageBytes,
        };
        context.Report(result, (console, r) => console.WriteFacts(
        [
            ("executable", $"{r.Executable}, {Quantity.Bytes(r.ExecutableBytes)} for {r.Target}"),
            .. r.Blob is null ? Array.Empty<(string, string)>() : [("blob", $"{r.Blob}, order {r.Order}, {(r.Signed ? "signed" : "not signed")}")],
            .. r.Package is null ? Array.Empty<(string, string)>() : [("package", $"{r.Package}, {Quantity.Bytes(r.PackageBytes!.Value)}")],
        ]));
    }
}
