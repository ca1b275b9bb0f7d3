using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;

namespace EdgeSparse.Compiler.Recipes;

/// <summary>A JSON value that remembers where it stands, so that an error found much later can still say so.</summary>
internal abstract record Located(SourceLocation Where)
{
    /// <summary>What a message says was found, for example <c>the text "abc"</c>.</summary>
    public abstract string Found { get; }

    /// <summary>The value without its places and comments.</summary>
    public abstract JsonNode? ToJson();
}

internal sealed record LocatedNull(SourceLocation Where) : Located(Where)
{
    public override string Found => "null";

    public override JsonNode? ToJson() => null;
}

internal sealed record LocatedBoolean(SourceLocation Where, bool Value) : Located(Where)
{
    public override string Found => Value ? "true" : "false";

    public override JsonNode ToJson() => JsonValue.Create(Value);
}

/// <summary>A number as it is spelt; the binder decides whether it must be whole.</summary>
internal sealed record LocatedNumber(SourceLocation Where, string Text) : Located(Where)
{
    public override string Found => Text;

    public double Value => double.Parse(Text, NumberStyles.Float, CultureInfo.InvariantCulture);

    public override JsonNode ToJson() => JsonNode.Parse(Text)!;
}

internal sealed record LocatedText(SourceLocation Where, string Value) : Located(Where)
{
    public override string Found => $"\"{Value}\"";

    public override JsonNode ToJson() => JsonValue.Create(Value);
}

internal sealed record LocatedArray(SourceLocation Where, ImmutableArray<Located> Items) : Located(Where)
{
    public override string Found => "a list";

    public override JsonNode ToJson() => new JsonArray([.. Items.Select(i => i.ToJson())]);
}

internal sealed record LocatedMember(string Key, SourceLocation KeyWhere, Located Value);

internal sealed record LocatedObject(SourceLocation Where, ImmutableArray<LocatedMember> Members) : Located(Where)
{
    public override string Found => "an object";

    public LocatedMember? Member(string key) => Members.FirstOrDefault(m => m.Key == key);

    /// <summary>This object with a member replaced in its place, or added at the end.</summary>
    public LocatedObject With(LocatedMember member)
    {
        int index = Members.ToList().FindIndex(m => m.Key == member.Key);
        return this with { Members = index < 0 ? Members.Add(member) : Members.SetItem(index, member) };
    }

    public override JsonNode ToJson() => new JsonObject(Members.Select(m => KeyValuePair.Create(m.Key, m.Value.ToJson())));
}
