using System.Text;

namespace EdgeSparse.Cli.Display;

/// <summary>Drops spaces at the ends of lines: tables are padded to their width, which a file has no use for.</summary>
internal sealed class TrimmingWriter(TextWriter inner) : TextWriter
{
    private int spaces;

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value)
    {
        if (value == ' ')
        {
            spaces++;
            return;
        }

        if (value is not ('\n' or '\r'))
        {
            for (int i = 0; i < spaces; i++)
            {
                inner.Write(' ');
            }
        }

        spaces = 0;
        inner.Write(value);
    }

    public override void Flush() => inner.Flush();
}
