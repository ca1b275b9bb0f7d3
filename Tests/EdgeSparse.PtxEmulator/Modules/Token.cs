namespace EdgeSparse.PtxEmulator.Modules;

/// <summary>A word, number or sign of a text, and its line, from 1 on.</summary>
internal readonly record struct Token(string Text, int Line)
{
    public bool IsWord => char.IsAsciiLetter(Text[0]) || Text[0] is '.' or '%' or '_' or '$';

    public bool IsNumber => char.IsAsciiDigit(Text[0]) || (Text[0] == '-' && Text.Length > 1);
}
