using System.Collections.Immutable;
using System.Text;

namespace EdgeSparse.Compiler.Recipes;

/// <summary>
/// <c>--set path.to.key=value</c>: replaces values of the JSON tree before it is bound, so that an override is checked exactly
/// like the file. The path begins with a key of the recipe or the name of a stage; a part in double quotes may hold dots.
/// </summary>
internal static class RecipeOverrides
{
    /// <exception cref="RecipeException">The path leads nowhere, or the text is no override.</exception>
    public static LocatedObject Apply(LocatedObject recipe, RecipeOverride change)
    {
        SourceLocation where = new(change.Origin);
        ImmutableArray<string> path = Split(change.Path, where);
        Located value = ParseValue(change.Value, where);
        if (RecipeReader.TopLevelKeys.Contains(path[0]))
        {
            return (LocatedObject)Set(recipe, path.AsSpan(), value, where, change.Path);
        }

        LocatedArray? stages = recipe.Member("stages")?.Value as LocatedArray;
        string?[] names = stages is null ? [] : [.. stages.Items.Select(StageOption.NameOf)];
        int stage = Array.IndexOf(names, path[0]);
        if (stage < 0)
        {
            string[] allowed = [.. RecipeReader.TopLevelKeys, .. names.OfType<string>().Distinct()];
            throw new RecipeException(where, $"the recipe has no key or stage '{path[0]}'{NearMatch.Advice(path[0], allowed)}");
        }

        if (path.Length == 1)
        {
            throw new RecipeException(where, $"'{path[0]}' is a stage; name one of its keys, as in {path[0]}.KEY=VALUE");
        }

        Located changed = Set(stages!.Items[stage], path.AsSpan()[1..], value, where, change.Path);
        LocatedMember member = recipe.Member("stages")!;
        return recipe.With(member with { Value = stages with { Items = stages.Items.SetItem(stage, changed) } });
    }

    private static Located Set(Located target, ReadOnlySpan<string> path, Located value, SourceLocation where, string whole)
    {
        if (path.IsEmpty)
        {
            return value;
        }

        string key = path[0];
        switch (target)
        {
            case LocatedObject source:
                LocatedMember? member = source.Member(key);
                Located inner = member?.Value is null or LocatedNull ? new LocatedObject(where, []) : member.Value;
                Located changed = Set(inner, path[1..], value, where, whole);
                return source.With(new LocatedMember(key, where, changed));
            case LocatedArray list:
                if (!int.TryParse(key, out int index) || index < 0 || index >= list.Items.Length)
                {
                    throw new RecipeException(where, $"'{key}' is no item of the list in '{whole}'. Allowed: 0 to {list.Items.Length - 1}");
                }

                return list with { Items = list.Items.SetItem(index, Set(list.Items[index], path[1..], value, where, whole)) };
            default:
                throw new RecipeException(where, $"'{whole}' leads into {target.Found} ({target.Where}), which has no key '{key}'");
        }
    }

    private static Located ParseValue(string text, SourceLocation where)
    {
        try
        {
            return AtOverride(LocatedJsonReader.Read(Encoding.UTF8.GetBytes(text), where.Origin), where);
        }
        catch (RecipeException)
        {
            // No JSON: a bare word is a text, so that names need no quotes inside the shell's quotes.
            return new LocatedText(where, text);
        }
    }

    // Line and column inside a command-line option tell nobody anything.
    private static Located AtOverride(Located value, SourceLocation where) => value switch
    {
        LocatedObject o => new LocatedObject(where, [.. o.Members.Select(m => new LocatedMember(m.Key, where, AtOverride(m.Value, where)))]),
        LocatedArray a => new LocatedArray(where, [.. a.Items.Select(i => AtOverride(i, where))]),
        _ => value with { Where = where },
    };

    private static ImmutableArray<string> Split(string path, SourceLocation where)
    {
        var parts = ImmutableArray.CreateBuilder<string>();
        StringBuilder part = new();
        bool quoted = false;
        foreach (char c in path)
        {
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == '.' && !quoted)
            {
                parts.Add(part.ToString());
                part.Clear();
            }
            else
            {
                part.Append(c);
            }
        }

        parts.Add(part.ToString());
        return !quoted && parts.All(p => p.Length > 0)
            ? parts.DrainToImmutable()
            : throw new RecipeException(where, $"'{path}' is no path; it has the form path.to.key=value");
    }
}
