using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using EdgeSparse.Energy;

namespace EdgeSparse.Cli.Verbs;

/// <summary>Options of all verbs that read a power meter.</summary>
internal static class MeterOption
{
    public static Option<MeterSpec> Create() => new("--meter")
    {
        Description = $"what to read: {MeterSpec.Forms}",
        HelpName = "METER",
        Required = true,
        CustomParser = Parse,
    };

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
    public static IPowerMeter Open(VerbContext context, Option<MeterSpec> meter, Option<double?> interval) =>
        context.Required(meter).Open(IntervalOf(context, interval));

    public static TimeSpan? IntervalOf(VerbContext context, Option<double?> interval) =>
        context.Value(interval) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    private static MeterSpec? Parse(ArgumentResult result)
    {
        try
        {
            return MeterSpec.Parse(result.Tokens.Single().Value);
        }
        catch (MeterSpecException error)
        {
            result.AddError(error.Message);
            return null;
        }
    }
}
