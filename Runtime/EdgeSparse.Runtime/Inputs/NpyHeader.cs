using System.Collections.Immutable;
using System.Globalization;

namespace EdgeSparse.Runtime.Inputs;

/// <summary>
/// The header of a NumPy file: a Python dictionary literal with the keys <c>descr</c>, <c>fortran_order</c> and <c>shape</c>,
/// each once, in any order (numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
/// </summary>
internal ref struct NpyHeader
{
    private const int HighestRank = 16;
    private readonly string file;
    private ReadOnlySpan<char> rest;

    private NpyHeader(string file, ReadOnlySpan<char> text)
    {
        this.file = file;
        rest = text;
    }

    /// <param name="file">For messages.</param>
    /// <param name="text">The dictionary, trailing spaces and line end included.</param>
    /// <exception cref="InputFormatException">The text is no such dictionary, or the array is of a kind that is not read.</exception>
    public static (NpyElement Type, bool BigEndian, ImmutableArray<int> Shape) Parse(string file, string text)
    {
        NpyHeader header = new(file, text);
        string? descriptor = null;
        bool? fortran = null;
        ImmutableArray<int>? shape = null;
        header.Expect('{');
        while (!header.Accept('}'))
        {
            string key = header.Quoted();
            header.Expect(':');
            switch (key)
            {
                case "descr" when descriptor is null:
                    descriptor = header.Quoted();
                    break;
                case "fortran_order" when fortran is null:
                    fortran = header.Truth();
                    break;
                case "shape" when shape is null:
                    shape = header.Tuple();
                    break;
                default:
                    throw header.Malformed($"the key '{key}' is unknown or twice there");
            }

            if (!header.Accept(','))
            {
                header.Expect('}');
                break;
            }
        }

        if (header.rest.Trim().Length != 0 || descriptor is null || fortran is null || shape is null)
        {
            throw header.Malformed("it needs 'descr', 'fortran_order' and 'shape', and nothing after them");
        }

        if (fortran.Value)
        {
            throw new InputFormatException($"{file}: is in Fortran order; save it with numpy.ascontiguousarray");
        }

        (NpyElement type, bool bigEndian) = header.Element(descriptor);
        return (type, bigEndian, shape.Value);
    }

    private readonly (NpyElement Type, bool BigEndian) Element(string descriptor)
    {
        NpyElement? type = descriptor.Length != 3 ? null : descriptor.AsSpan(1) switch
        {
            "b1" => NpyElement.Bool,
            "u1" => NpyElement.UInt8,
            "i1" => NpyElement.Int8,
            "i2" => NpyElement.Int16,
            "i4" => NpyElement.Int32,
            "i8" => NpyElement.Int64,
            "f2" => NpyElement.Float16,
            "f4" => NpyElement.Float32,
            "f8" => NpyElement.Float64,
            _ => null,
        };

        // '|' says that byte order means nothing, so it goes with single bytes alone.
        bool ordered = descriptor[0] is '<' or '>' || (descriptor[0] == '|' && type is { } t && NpyArray.SizeOf(t) == 1);
        return type is { } known && ordered
            ? (known, descriptor[0] == '>')
            : throw new InputFormatException(
                $"{file}: element type '{descriptor}' is not read; f2, f4, f8, u1, i1, i2, i4, i8 and b1 are");
    }

    private ImmutableArray<int> Tuple()
    {
        var dims = ImmutableArray.CreateBuilder<int>();
        Expect('(');
        while (!Accept(')'))
        {
            rest = rest.TrimStart();
            int digits = 0;
            while (digits < rest.Length && char.IsAsciiDigit(rest[digits]))
            {
                digits++;
            }

            if (!int.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out int dim) || dims.Count == HighestRank)
            {
                throw Malformed($"a shape has up to {HighestRank} whole numbers up to {int.MaxValue}");
            }

            dims.Add(dim);
            rest = rest[digits..];
            if (!Accept(','))
            {
                Expect(')');
                break;
            }
        }

        return dims.DrainToImmutable();
    }

    private bool Truth()
    {
        rest = rest.TrimStart();
        foreach (string word in (ReadOnlySpan<string>)["True", "False"])
        {
            if (rest.StartsWith(word, StringComparison.Ordinal))
            {
                rest = rest[word.Length..];
                return word == "True";
            }
        }

        throw Malformed("'fortran_order' is True or False");
    }

    private string Quoted()
    {
        rest = rest.TrimStart();
        int end = rest.Length > 0 && rest[0] is '\'' or '"' ? rest[1..].IndexOf(rest[0]) : -1;
        if (end < 0)
        {
            throw Malformed("a quoted word is missing (arrays of records are not read)");
        }

        string word = rest.Slice(1, end).ToString();
        rest = rest[(end + 2)..];
        return word;
    }

    private bool Accept(char mark)
    {
        rest = rest.TrimStart();
        if (rest.Length == 0 || rest[0] != mark)
        {
            return false;
        }

        rest = rest[1..];
        return true;
    }

    private void Expect(char mark)
    {
        if (!Accept(mark))
        {
            throw Malformed($"'{mark}' is missing");
        }
    }

    private readonly InputFormatException Malformed(string why) => new($"{file}: malformed NumPy header: {why}");
}
