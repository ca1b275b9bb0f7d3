using System.CommandLine;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse publish --target T --model M.esb -o DIR</c>.</summary>
internal sealed class PublishVerb : Verb
{
    private readonly Option<string?> target = TargetOption.Create("device to build for; this machine when left out");
    private readonly Option<string?> model = new("--model") { Description = "a blob to put beside the executable", HelpName = "M.esb" };
    private readonly Option<string> output = new("--output", "-o") { Description = "the folder to fill", HelpName = "DIR", Required = true };

    public PublishVerb()
        : base("publish", "build the device's executable with NativeAOT and put it into a folder")
    {
        Add(target);
        Add(model);
        Add(output);
    }

    protected override int Run(VerbContext context)
    {
        TargetProfile profile = TargetOption.Resolve(context.Value(target));
        FirmwarePublisher publisher = new(ToolchainFile.Read(), SourceTree.Find());
        PublishedFirmware firmware;
        using (IProgressTask task = context.Progress.Begin($"building for {profile.Id}", 0, "lines"))
        {
            firmware = publisher.Publish(
                profile, context.Required(output), context.Value(model),
                line =>
                {
                    task.Advance();
                    task.Describe(line.Trim());
                },
                context.Cancellation);
        }

        var result = new { Target = profile.Id, firmware.Executable, firmware.ExecutableBytes, firmware.Blob };
        context.Report(result, (console, r) => console.WriteFacts(
            [("executable", $"{r.Executable}, {Quantity.Bytes(r.ExecutableBytes)} for {r.Target}"), .. r.Blob is null ? Array.Empty<(string, string)>() : [("blob", r.Blob)]]));
        return ExitCode.Success;
    }
}
