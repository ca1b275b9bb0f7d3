using System.Globalization;
using System.Text;

namespace EdgeSparse.Firmware;

/// <summary>Writes JSON in the order of the calls. System.Text.Json would add a third to the executable.</summary>
internal sealed class JsonText
{
    private readonly StringBuilder text = new();

    /// <summary>Whether something stands before the next value that a comma must part it from.</summary>
    private bool follows;

    public JsonText Object() => Open('{');

    public JsonText EndObject() => Close('}');

    public JsonText Array() => Open('[');

    public JsonText EndArray() => Close(']');

    public JsonText Name(string name)
    {
        Value(name);
        text.Append(':');
        follows = false;
        return this;
    }

    public JsonText Value(string value)
    {
        Separate();
        text.Append('"');
        foreach (char c in value)
        {
            if (c is '"' or '\\')
            {
                text.Append('\\').Append(c);
            }
            else if (c < ' ')
            {
                text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            }
            else
            {
                text.Append(c);
            }
        }

        text.Append('"');
        return this;
    }

    public JsonText Value(bool value)
    {
        Separate();
        text.Append(value ? "true" : "false");
        return this;
    }

    public JsonText Value(long value)
    {
        Separate();
        text.Append(value.ToString(CultureInfo.InvariantCulture));
        return this;
    }

    /// <summary>A value that is JSON already.</summary>
    public JsonText Raw(string value)
    {
        Separate();
        text.Append(value);
        return this;
    }

    /// <summary>The shortest digits that read back as the same number; null for what JSON has no number for.</summary>
    public JsonText Value(double value) => Number(double.IsFinite(value), value.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc cref="Value(double)"/>
    public JsonText Value(float value) => Number(float.IsFinite(value), value.ToString(CultureInfo.InvariantCulture));

    public override string ToString() => text.ToString();

    private JsonText Number(bool finite, string digits)
    {
        Separate();
        text.Append(finite ? digits : "null");
        return this;
    }

    private JsonText Open(char bracket)
    {
        Separate();
        text.Append(bracket);
        follows = false;
        return this;
    }

    private JsonText Close(char bracket)
    {
        text.Append(bracket);
        follows = true;
        return this;
    }

    private void Separate()
    {
        if (follows)
        {
            text.Append(',');
        }

        follows = true;
    }
}
