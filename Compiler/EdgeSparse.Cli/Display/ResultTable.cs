using Spectre.Console;

namespace EdgeSparse.Cli.Display;

/// <summary>Tables as every verb prints them.</summary>
internal static class ResultTable
{
    /// <summary>An empty table; a heading that begins with a space is right-aligned, as its numbers are.</summary>
    public static Table Create(params string[] headings)
    {
        Table table = new() { Border = TableBorder.Simple };
        foreach (string heading in headings)
        {
            TableColumn column = new(new Text(heading.TrimStart(), new Style(decoration: Decoration.Bold)));
            table.AddColumn(heading.StartsWith(' ') ? column.RightAligned().NoWrap() : column);
        }

        return table;
    }

    /// <summary>Adds a row; its cells are plain text, brackets and all.</summary>
    public static void Add(this Table table, params string[] cells) => table.AddRow(cells.Select(c => new Text(c)));

    /// <summary>Writes indented <c>name  value</c> lines with the values below each other.</summary>
    public static void WriteFacts(this IAnsiConsole console, params (string Name, string Value)[] facts)
    {
        int width = facts.Max(f => f.Name.Length);
        foreach ((string name, string value) in facts)
        {
            console.WriteLine($"  {name.PadRight(width)}  {value}");
        }
    }
}
