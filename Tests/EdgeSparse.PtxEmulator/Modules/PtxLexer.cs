namespace EdgeSparse.PtxEmulator.Modules;

/// <summary>Words, numbers and signs, one after the other.</summary>
internal sealed class PtxLexer
{
    private readonly List<Token> tokens = [];
    private int next;

    public PtxLexer(string text)
    {
        int line = 1;
        for (int i = 0; i < text.Length;)
        {
            char c = text[i];
            if (c == '\n')
            {
                line++;
            }

            if (char.IsWhiteSpace(c))
            {
                i++;
            }
            else if (c == '/' && i + 1 < text.Length && text[i + 1] == '/')
            {
                i = text.IndexOf('\n', i) is >= 0 and int end ? end : text.Length;
            }
            else
            {
                int length = LengthAt(text, i);
                tokens.Add(new Token(text.Substring(i, length), line));
                i += length;
            }
        }

        tokens.Add(new Token("\0", line));
    }

    public Token Peek => tokens[next];

    public bool AtEnd => next == tokens.Count - 1;

    public Token Take() => AtEnd ? throw new PtxException(Peek.Line, "the module ends too early") : tokens[next++];

    /// <summary>Takes the next one if it is this.</summary>
    public bool Take(string text)
    {
        bool isIt = Peek.Text == text;
        next += isIt ? 1 : 0;
        return isIt;
    }

    public void Require(string text)
    {
        if (!Take(text))
        {
            throw Unexpected($"'{text}' is missing");
        }
    }

    public string Word() => Peek.IsWord ? Take().Text : throw Unexpected("a name is missing");

    public int Number() => Peek.IsNumber && int.TryParse(Peek.Text, out int number) ? Use(number) : throw Unexpected("a number is missing");

    public PtxException Unexpected(string what) => new(Peek.Line, AtEnd ? $"{what} at the end" : $"{what} before '{Peek.Text}'");

    private int Use(int number)
    {
        next++;
        return number;
    }

    private static int LengthAt(string text, int start)
    {
        int end = start + 1;
        if (char.IsAsciiLetterOrDigit(text[start]) || text[start] is '.' or '%' or '_' or '$' or '-')
        {
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '.' or '_' or '$'))
            {
                end++;
            }
        }

        return end - start;
    }
}
