using EdgeSparse.Compiler.Reporting;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EdgeSparse.Cli.Display;

/// <summary>Bars that redraw in place, for a terminal.</summary>
internal sealed class LiveProgress(IAnsiConsole console) : IProgressSink
{
    private readonly Lock gate = new();
    private readonly List<ProgressMeter> meters = [];

    public IProgressTask Begin(string title, long total, string unit)
    {
        ProgressMeter meter = new(title, total, unit, _ => { }, Remove);
        lock (gate)
        {
            meters.Add(meter);
        }

        return meter;
    }

    public void Note(string message) => console.WriteLine(message);

    /// <summary>Shows the bars while <paramref name="work"/> runs, and takes them away at its end.</summary>
    public void Show(Action<IProgressSink> work) => console.Progress()
        .AutoClear(true)
        .ExcludeVerticalPadding()
        .UseRenderHook((_, _) => Render())
        .Start(_ => work(this));

    private void Remove(ProgressMeter meter)
    {
        lock (gate)
        {
            meters.Remove(meter);
        }
    }

    private Rows Render()
    {
        int width = console.Profile.Width - 1;
        lock (gate)
        {
            int titleWidth = ProgressLine.TitleWidth(meters, width);
            return new Rows(meters.Select(m => (IRenderable)Draw(ProgressLine.Compose(m, width, titleWidth))));
        }
    }

    private static Paragraph Draw(ProgressLine line) => new Paragraph()
        .Append(line.Title + " ")
        .Append(line.Filled, new Style(Color.Green))
        .Append(line.Rest, new Style(Color.Grey37))
        .Append(" " + line.Figures);
}
