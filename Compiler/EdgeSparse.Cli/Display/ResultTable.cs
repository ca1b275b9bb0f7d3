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

    /// <summary>Writes <c>name  value</c> lines, the values below each other; long ones go on below themselves.</summary>
    public static void WriteFacts(this IAnsiConsole console, params (string Name, string Value)[] facts)
    {
        Grid grid = new();
        grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(2, 0, 2, 0) });
        grid.AddColumn(new GridColumn { Padding = new Padding(0, 0, 0, 0) });
        foreach ((string name, string value) in facts)
        {
            grid.AddRow(new Text(name), new Text(value));
        }

        console.Write(grid);
    }
}
