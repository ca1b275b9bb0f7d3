using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace EdgeSparse.Compiler.Recipes;

/// <summary>One property of an option record as recipes see it: what the binder binds and the schema describes.</summary>
internal sealed record OptionKey(
    string Name, PropertyInfo Property, Type Type, bool Nullable, bool Required, RangeAttribute? Range, string? Description, bool NamesLayers)
{
    /// <summary>The keys of a record in declaration order.</summary>
    public static ImmutableArray<OptionKey> Of(Type record)
    {
        NullabilityInfoContext nullability = new();
        return
        [
            .. record.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => p.CanWrite)
                .Select(p => new OptionKey(
                    CamelCase(p.Name),
                    p,
                    System.Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType,
                    nullability.Create(p).WriteState == NullabilityState.Nullable,
                    p.IsDefined(typeof(RequiredMemberAttribute)),
                    p.GetCustomAttribute<RangeAttribute>(),
                    p.GetCustomAttribute<DescriptionAttribute>()?.Description,
                    p.IsDefined(typeof(LayerNamesAttribute)))),
        ];
    }

    public static string CamelCase(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    /// <summary>The names an enum's values have in recipes.</summary>
    public static ImmutableArray<string> EnumNames(Type type) => [.. Enum.GetNames(type).Select(CamelCase)];
}
