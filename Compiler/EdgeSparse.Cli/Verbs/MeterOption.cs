using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using EdgeSparse.Energy;
using EdgeSparse.Targets;
using EdgeSparse.Targets.Profiles;

namespace EdgeSparse.Cli.Verbs;

/// <summary>Options of all verbs that read a power meter.</summary>
internal static class MeterOption
{
    public static Option<MeterSpec?> Create() => new("--meter")
    {
        Description = $"what to read: {MeterSpec.Forms}; that of this machine's target when left out",
        HelpName = "METER",
        CustomParser = Parse,
    };

    /// <summary>A meter of another machine, as it is named there.</summary>
    public static Option<string?> OfDevice()
    {
        Option<string?> option = new("--meter")
        {
            Description = "with --host, what measures power on the device, in the forms of energy measure; that of the target when left out",
            HelpName = "METER",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string text }] && Fault(text) is { } fault)
            {
                result.AddError(fault);
            }
        });
        return option;
    }

    public static Option<double?> Interval() => Number<double?>("--interval", "seconds between readings; what suits the meter when left out", "S", 0.001, 60);

    /// <summary>A number within limits.</summary>
    public static Option<T> Number<T>(string name, string description, string helpName, double least, double most)
    {
        Option<T> option = new(name) { Description = description, HelpName = helpName };
        option.Validators.Add(result =>
        {
            // What is no number at all, the parser tells; asking the result for its value would throw.
            if (result.Tokens is [{ Value: string word }]
                && double.TryParse(word, CultureInfo.InvariantCulture, out double value)
                && !(value >= least && value <= most))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} must be between {least} and {most}"));
            }
        });
        return option;
    }

    /// <summary>Opens what the options name.</summary>
    /// <exception cref="MeterException">It is not there, or cannot be read.</exception>
    /// <exception cref="Targets.TargetsException">None is named, and the profile of this machine has none.</exception>
    public static IPowerMeter Open(VerbContext context, Option<MeterSpec?> meter, Option<double?> interval) =>
        (context.Value(meter) ?? OfThisMachine(context)).Open(IntervalOf(context, interval));

    public static TimeSpan? IntervalOf(VerbContext context, Option<double?> interval) =>
        context.Value(interval) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    private static MeterSpec OfThisMachine(VerbContext context)
    {
        TargetProfile host = context.Toolchain.Find(Toolchain.HostId);
        return host.Meter is { } meter
            ? MeterSpec.Parse(meter)
            : throw new TargetsException($"the target of this machine, '{host.Id}', names no meter: name one with --meter (edgesparse energy list shows those that are here)");
    }

    private static MeterSpec? Parse(ArgumentResult result)
    {
        string text = result.Tokens.Single().Value;
        if (Fault(text) is { } fault)
        {
            result.AddError(fault);
            return null;
        }

        return MeterSpec.Parse(text);
    }

    private static string? Fault(string text)
    {
        try
        {
            MeterSpec.Parse(text);
            return null;
        }
        catch (MeterSpecException error)
        {
            return error.Message;
        }
    }
}
