using System.Collections.Immutable;
using System.Globalization;

namespace EdgeSparse.Compiler.Data.Synthetic;

/// <summary>One way to write a digit: strokes of points that the pen passes through.</summary>
internal sealed record DigitStyle(ImmutableArray<DigitPoint> Points)
{
    // Coordinates in a unit box, x to the right, y down. The pen goes smoothly through the points; '*' marks a corner, '|'
    // lifts the pen.
    private static readonly ImmutableArray<ImmutableArray<DigitStyle>> ByDigit =
    [
        [
            Parse(".50,.03 .24,.14 .12,.50 .24,.86 .50,.97 .76,.86 .88,.50 .76,.14 .50,.03"),
            Parse(".62,.06 .35,.13 .20,.50 .31,.88 .52,.95 .73,.80 .80,.45 .68,.12 .46,.05"),
            Parse(".40,.06 .20,.30 .18,.66 .40,.94 .68,.90 .84,.60 .80,.26 .58,.06 .30,.12"),
        ],
        [
            Parse(".50,.02 .50,.50 .50,.98"),
            Parse(".30,.25 .54,.03* .53,.50 .52,.98"),
            Parse(".30,.22 .52,.03* .52,.50 .52,.96 | .28,.97 .76,.97"),
        ],
        [
            Parse(".16,.25 .30,.07 .60,.04 .80,.22 .72,.46 .45,.72 .14,.96* .50,.95 .88,.95"),
            Parse(".18,.22 .38,.04 .68,.08 .78,.30 .60,.60 .32,.88 .16,.90 .22,.76 .42,.80 .64,.94 .88,.88"),
            Parse(".15,.15 .45,.03 .77,.12 .78,.35 .50,.65 .15,.95* .50,.91 .88,.97"),
        ],
        [
            Parse(".18,.14 .45,.03 .75,.12 .76,.34 .42,.47* .78,.58 .84,.80 .55,.97 .16,.86"),
            Parse(".18,.06 .50,.05 .82,.05* .46,.42* .75,.52 .84,.74 .60,.96 .18,.88"),
            Parse(".20,.12 .50,.02 .78,.18 .62,.42 .42,.46 .62,.50 .84,.70 .62,.96 .18,.90"),
        ],
        [
            Parse(".26,.04 .20,.30 .14,.58* .50,.58 .88,.56 | .66,.25 .64,.60 .62,.98"),
            Parse(".66,.98 .66,.50 .66,.02* .38,.34 .10,.66* .50,.67 .92,.66"),
            Parse(".22,.05 .17,.42 .40,.54 .72,.46 | .76,.04 .74,.50 .70,.98"),
        ],
        [
            Parse(".82,.05 .52,.05 .24,.05* .20,.45* .50,.36 .82,.52 .80,.82 .50,.97 .14,.86"),
            Parse(".26,.06 .22,.44* .55,.38 .80,.60 .70,.90 .40,.97 .14,.84 | .26,.06 .55,.05 .86,.04"),
            Parse(".80,.10 .48,.04 .24,.18 .32,.42 .64,.50 .82,.72 .60,.95 .18,.90"),
        ],
        [
            Parse(".70,.05 .38,.25 .18,.62 .28,.92 .58,.97 .80,.76 .66,.55 .40,.55 .20,.74"),
            Parse(".58,.02 .34,.30 .22,.70 .40,.96 .68,.90 .74,.68 .50,.58 .26,.74"),
            Parse(".78,.12 .55,.04 .28,.24 .16,.60 .28,.90 .56,.98 .82,.78 .70,.54 .42,.52 .18,.68"),
        ],
        [
            Parse(".14,.06 .50,.05 .86,.06* .64,.50 .40,.98"),
            Parse(".14,.08 .50,.06 .84,.05* .58,.50 .42,.98 | .32,.52 .56,.51 .80,.50"),
            Parse(".14,.24 .16,.07* .50,.07 .84,.08* .60,.42 .50,.98"),
        ],
        [
            Parse(".74,.16 .50,.03 .26,.18 .34,.40 .66,.58 .80,.80 .50,.98 .22,.80 .36,.58 .64,.42 .76,.18"),
            Parse(".50,.03 .28,.14 .30,.38 .50,.46 .72,.36 .72,.13 .50,.03 | .50,.46 .22,.60 .20,.86 .50,.98 .80,.86 .78,.60 .50,.46"),
            Parse(".68,.10 .42,.04 .30,.24 .54,.48 .72,.74 .52,.96 .28,.82 .38,.58 .64,.36 .70,.12"),
        ],
        [
            Parse(".78,.20 .52,.04 .24,.18 .26,.44 .54,.52 .78,.26* .76,.60 .74,.98"),
            Parse(".76,.22 .50,.04 .24,.20 .28,.44 .56,.50 .78,.26 .76,.60 .62,.90 .30,.96"),
            Parse(".72,.10 .40,.05 .24,.28 .44,.50 .72,.38 .76,.10* .68,.55 .60,.98"),
        ],
    ];

    public static ImmutableArray<DigitStyle> Of(int digit) => ByDigit[digit];

    private static DigitStyle Parse(string text)
    {
        var points = ImmutableArray.CreateBuilder<DigitPoint>();
        bool starts = true;
        foreach (string word in text.Split(' '))
        {
            if (word == "|")
            {
                starts = true;
                continue;
            }

            bool corner = word.EndsWith('*');
            string[] coordinates = word.TrimEnd('*').Split(',');
            points.Add(new DigitPoint(Number(coordinates[0]), Number(coordinates[1]), starts, corner));
            starts = false;
        }

        return new DigitStyle(points.DrainToImmutable());

        static float Number(string word) => float.Parse(word, CultureInfo.InvariantCulture);
    }
}

/// <param name="Starts">The pen comes down here.</param>
/// <param name="Corner">The curve breaks here instead of going through smoothly.</param>
internal readonly record struct DigitPoint(float X, float Y, bool Starts, bool Corner);
