namespace EdgeSparse.Compiler.Recipes;

/// <summary>What a misspelt name was probably meant to be.</summary>
public static class NearMatch
{
    /// <summary>
    /// The candidate with the fewest edits from <paramref name="word"/>, case counted as nothing; null when even that one
    /// differs in more than a third of its letters.
    /// </summary>
    public static string? Of(string word, IEnumerable<string> candidates)
    {
        (string? best, int distance) = (null, int.MaxValue);
        foreach (string candidate in candidates)
        {
            int d = Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (d < distance && d <= Math.Max(1, Math.Max(word.Length, candidate.Length) / 3))
            {
                (best, distance) = (candidate, d);
            }
        }

        return best;
    }

    /// <summary>How a message about an unknown name ends: <c>; did you mean 'x'? Allowed: x, y</c>.</summary>
    public static string Advice(string word, IReadOnlyCollection<string> allowed) =>
        (Of(word, allowed) is { } near ? $"; did you mean '{near}'?" : ".") + $" Allowed: {string.Join(", ", allowed)}";

    /// <summary>
    /// Damerau–Levenshtein distance in its optimal string alignment form: insertions, deletions, substitutions and swaps of
    /// neighbours, each counting one (Damerau 1964; Levenshtein 1966).
    /// </summary>
    public static int Distance(string a, string b)
    {
        int[,] d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            d[i, 0] = i;
        }

        for (int j = 0; j <= b.Length; j++)
        {
            d[0, j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(replaced, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
