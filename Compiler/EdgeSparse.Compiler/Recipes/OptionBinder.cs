using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;

namespace EdgeSparse.Compiler.Recipes;

/// <summary>How a type that is no plain option record is read from JSON and described in the schema.</summary>
internal interface ICustomOption
{
    Type Type { get; }

    object Bind(OptionBinder binder, Located value, string name);

    System.Text.Json.Nodes.JsonNode Schema(RecipeSchema schema);
}

/// <summary>
/// Turns located JSON into option records: keys are the record's properties in camelCase, absent ones keep their defaults,
/// and everything that does not fit is a <see cref="RecipeException"/> at its place.
/// </summary>
internal sealed class OptionBinder(IEnumerable<ICustomOption> customOptions)
{
    private readonly ImmutableDictionary<Type, ICustomOption> custom = customOptions.ToImmutableDictionary(c => c.Type);
    private readonly ImmutableArray<LayerReference>.Builder layers = ImmutableArray.CreateBuilder<LayerReference>();

    /// <summary>Every layer that was named so far.</summary>
    public ImmutableArray<LayerReference> Layers => layers.ToImmutable();

    /// <summary>Binds an object to a record.</summary>
    /// <param name="type">A record with a parameterless constructor.</param>
    /// <param name="value">What the recipe says.</param>
    /// <param name="name">What messages call the object, for example <c>stage 'prune'</c>.</param>
    /// <param name="basis">The defaults; null for a fresh record.</param>
    /// <param name="reserved">Keys that someone else has read already.</param>
    public object BindRecord(Type type, Located value, string name, object? basis = null, params string[] reserved)
    {
        if (value is not LocatedObject source)
        {
            throw new RecipeException(value.Where, $"{name} must be an object, found {value.Found}");
        }

        ImmutableArray<OptionKey> keys = OptionKey.Of(type);
        object record = basis is null ? Activator.CreateInstance(type)! : Copy(basis);
        foreach (LocatedMember member in source.Members.Where(m => !reserved.Contains(m.Key)))
        {
            OptionKey key = keys.FirstOrDefault(k => k.Name == member.Key)
                ?? throw UnknownKey(member, name, [.. reserved, .. keys.Select(k => k.Name)]);
            key.Property.SetValue(record, Bind(key, member.Value, key.Property.GetValue(record)));
        }

        if (keys.FirstOrDefault(k => k.Required && source.Member(k.Name) is null) is { } missing)
        {
            throw new RecipeException(source.Where, $"{name} needs the key '{missing.Name}'{(missing.Description is null ? "" : $" ({missing.Description})")}");
        }

        if (record is IOptionRules rules && rules.FirstFault() is { } fault)
        {
            throw new RecipeException(source.Member(OptionKey.CamelCase(fault.Property))?.Value.Where ?? source.Where, $"{name}: {fault.Message}");
        }

        return record;
    }

    public static RecipeException UnknownKey(LocatedMember member, string name, IReadOnlyCollection<string> allowed) =>
        new(member.KeyWhere, $"{name} has no key '{member.Key}'{NearMatch.Advice(member.Key, allowed)}");

    private object? Bind(OptionKey key, Located value, object? current)
    {
        if (value is LocatedNull)
        {
            return key.Nullable ? null : throw new RecipeException(value.Where, $"{key.Name} must not be null");
        }

        object bound = Bind(key.Type, value, key.Name, current);
        if (key.NamesLayers)
        {
            NoteLayers(value, bound);
        }

        if (key.Range is { } range && bound is IConvertible number && !Allowed.Holds(range, number.ToDouble(CultureInfo.InvariantCulture)))
        {
            throw new RecipeException(value.Where, $"{key.Name} is {value.Found}; allowed: {Allowed.Words(range)}");
        }

        return bound;
    }

    private object Bind(Type type, Located value, string name, object? current = null)
    {
        if (custom.TryGetValue(type, out ICustomOption? option))
        {
            return option.Bind(this, value, name);
        }

        if (type == typeof(string))
        {
            return value is LocatedText text ? text.Value : throw Wrong(value, name, "a text");
        }

        if (type == typeof(bool))
        {
            return value is LocatedBoolean boolean ? boolean.Value : throw Wrong(value, name, "true or false");
        }

        if (type == typeof(int) || type == typeof(long))
        {
            return BindWhole(type, value, name);
        }

        if (type == typeof(double) || type == typeof(float))
        {
            return value is LocatedNumber number && double.IsFinite(number.Value)
                ? Convert.ChangeType(number.Value, type, CultureInfo.InvariantCulture)
                : throw Wrong(value, name, "a number");
        }

        if (type.IsEnum)
        {
            return BindEnum(type, value, name);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
        {
            return BindList(type.GenericTypeArguments[0], value, name);
        }

        return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableSortedDictionary<,>)
            ? BindDictionary(type.GenericTypeArguments[1], value, name)
            : BindRecord(type, value, $"'{name}'", current);
    }

    private static object BindWhole(Type type, Located value, string name)
    {
        bool whole = value is LocatedNumber number
            && number.Value == Math.Floor(number.Value)
            && Math.Abs(number.Value) <= (type == typeof(int) ? int.MaxValue : 1L << 53);
        return whole ? Convert.ChangeType(((LocatedNumber)value).Value, type, CultureInfo.InvariantCulture) : throw Wrong(value, name, "a whole number");
    }

    private static object BindEnum(Type type, Located value, string name)
    {
        ImmutableArray<string> names = OptionKey.EnumNames(type);
        string text = value is LocatedText located ? located.Value : throw Wrong(value, name, $"one of {string.Join(", ", names)}");
        int index = names.IndexOf(text);
        return index >= 0
            ? Enum.Parse(type, Enum.GetNames(type)[index])
            : throw UnknownName(value.Where, name, text, names);
    }

    /// <summary>The message for a text that is none of the allowed ones.</summary>
    public static RecipeException UnknownName(SourceLocation where, string name, string text, IReadOnlyCollection<string> names) =>
        new(where, $"{name} is \"{text}\"{NearMatch.Advice(text, names)}");

    private object BindList(Type item, Located value, string name)
    {
        LocatedArray source = value as LocatedArray ?? throw Wrong(value, name, "a list");
        Array items = Array.CreateInstance(item, source.Items.Length);
        for (int i = 0; i < items.Length; i++)
        {
            items.SetValue(Bind(item, source.Items[i], $"{name}[{i}]"), i);
        }

        return Generic(nameof(ListOf), item).Invoke(null, [items])!;
    }

    private object BindDictionary(Type item, Located value, string name)
    {
        LocatedObject source = value as LocatedObject ?? throw Wrong(value, name, "an object");
        var items = new SortedList(StringComparer.Ordinal);
        foreach (LocatedMember member in source.Members)
        {
            items.Add(member.Key, Bind(item, member.Value, member.Key));
        }

        return Generic(nameof(DictionaryOf), item).Invoke(null, [items])!;
    }

    private void NoteLayers(Located value, object bound)
    {
        switch (value)
        {
            case LocatedObject dictionary:
                layers.AddRange(dictionary.Members.Select(m => new LayerReference(m.Key, m.KeyWhere, ((IDictionary)bound)[m.Key])));
                break;
            case LocatedArray list:
                layers.AddRange(list.Items.OfType<LocatedText>().Select(t => new LayerReference(t.Value, t.Where, null)));
                break;
        }
    }

    private static RecipeException Wrong(Located value, string name, string expected) =>
        new(value.Where, $"{name} must be {expected}, found {value.Found}");

    private static ImmutableArray<T> ListOf<T>(Array items) => [.. items.Cast<T>()];

    private static ImmutableSortedDictionary<string, T> DictionaryOf<T>(SortedList items) => items
        .Cast<DictionaryEntry>()
        .ToImmutableSortedDictionary(e => (string)e.Key, e => (T)e.Value!, StringComparer.Ordinal);

    private static MethodInfo Generic(string method, Type item) =>
        typeof(OptionBinder).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(item);

    // Records copy themselves through this method, which C# hides behind 'with'.
    private static object Copy(object record) => record.GetType().GetMethod("<Clone>$")!.Invoke(record, null)!;
}
