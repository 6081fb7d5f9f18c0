using Spectre.Console;

namespace FocalMlNet.Tool.Printing;

/// <summary>A table of names and figures of which as many columns are shown as the terminal has room for; no name is broken.</summary>
internal sealed class FigureTable(string first, params IReadOnlyList<string> columns)
{
    private readonly List<(string Name, IReadOnlyList<string> Cells)> _rows = [];

    public FigureTable Add(string name, params IReadOnlyList<string> cells)
    {
        _rows.Add((name, cells));
        return this;
    }

    public void WriteTo(Terminal terminal)
    {
        // A border and two blanks for each column, and one border more.
        var width = 1 + Width(_rows.Select(r => r.Name).Append(first));
        var shown = 0;
        while (shown < columns.Count)
        {
            width += Width(_rows.Select(r => r.Cells[shown]).Append(columns[shown]));
            if (width > terminal.Width)
                break;
            shown++;
        }

        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn(new TableColumn(Markup.Escape(first)).NoWrap());
        foreach (var column in columns.Take(shown))
            table.AddColumn(new TableColumn(Markup.Escape(column)).RightAligned().NoWrap());
        foreach (var (name, cells) in _rows)
            table.AddRow([Markup.Escape(name), .. cells.Take(shown).Select(Markup.Escape)]);
        terminal.Out.Write(table);
    }

    private static int Width(IEnumerable<string> cells) => 3 + cells.Max(cell => cell.Length);
}
