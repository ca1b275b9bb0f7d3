using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class RearrangeTests
{
    [Fact]
    public void Random_places_are_copied_as_they_say()
    {
        for (int seed = 0; seed < KernelRun.Cases(400); seed++)
        {
            var random = new Random(seed);
            int[] lengths = GeneralCase.Lengths(random, random.Next(0, 6), seed % 4 == 0 ? 30 : 9);
            int[][] places = [.. lengths.Select(length => Places(random, length))];
            int inputs = 1 + places.Sum(p => Math.Max(p.Max(), 0)) + random.Next(3);
            Check(random, lengths, places, inputs, $"seed {seed}");
        }
    }

    [Fact]
    public void Permutations_of_dimensions_are_transposed()
    {
        for (int seed = 0; seed < KernelRun.Cases(300); seed++)
        {
            var random = new Random(seed);
            int[] from = GeneralCase.Lengths(random, random.Next(2, 5), 23);
            int[] order = [.. Enumerable.Range(0, from.Length)];
            random.Shuffle(order);
            int[] strides = GeneralCase.Strides(from, new bool[from.Length], out int count);
            int[] lengths = [.. order.Select(d => from[d])];
            int[][] places = [.. order.Select(d => Enumerable.Range(0, from[d]).Select(i => i * strides[d]).ToArray())];
            Check(random, lengths, places, count, $"seed {seed}, {string.Join('x', from)} in the order {string.Join(' ', order)}");
        }
    }

    [Fact]
    public void Large_rows_are_shared_by_workers()
    {
        var random = new Random(3);
        Check(random, [20_000], [[.. Enumerable.Range(5, 20_000)]], 20_005, "slice");
        Check(random, [2, 20_000], [[0, -1], [.. Enumerable.Range(0, 20_000)]], 20_000, "slice and fill");
        Check(random, [20_000], [[.. Enumerable.Range(0, 20_000).Reverse()]], 20_000, "reverse");
        Check(random, [20_000], [[.. Enumerable.Repeat(7, 20_000)]], 8, "repeat");
        Check(random, [60, 300], [[.. Enumerable.Range(0, 60)], [.. Enumerable.Range(0, 300).Select(i => 60 * i)]], 18_000, "transpose");
    }

    [Fact]
    public void A_few_elements_at_each_of_many_places_are_copied_along_the_places()
    {
        var random = new Random(4);
        Check(random, [4420, 2], [[.. Enumerable.Range(0, 4420).Select(i => 4 * i)], [2, 3]], 17_680, "corners");
        Check(random, [3, 9000, 2], [[0, 1, 2], [.. Enumerable.Range(0, 9000).Select(i => 6 * i)], [3, 0]], 54_000, "more than a piece");
        Check(random, [2, 40, 3], [[0, -1], [.. Enumerable.Range(0, 40).Select(i => 3 * i)], [0, 1, 2]], 120, "and nothing");
    }

    [Fact]
    public void Parts_of_a_value_come_from_several_steps()
    {
        var blob = new BlobBuilder();
        int left = GeneralCase.Input(blob, "left", 6);
        int right = GeneralCase.Input(blob, "right", 4);
        int output = GeneralCase.Output(blob, 10);
        blob.Step("left", OperationKind.Rearrange, left, output, parameters: new[] { 2, 0, 2, 5, 3, 1, 0, 3, 0, 1, 2 });
        blob.Step("right", OperationKind.Rearrange, right, output, parameters: new[] { 2, 3, 2, 5, 2, 1, 0, 2, 0, 1 });
        float[] y = KernelRun.Run(blob, Hardware.Best, [1, 2, 3, 4, 5, 6], [7, 8, 9, 10]);
        Assert.Equal([1f, 2, 3, 7, 8, 4, 5, 6, 9, 10], y);
    }

    private static int[] Places(Random random, int length)
    {
        int start = random.Next(4);
        int[] places = random.Next(5) switch
        {
            0 => [.. Enumerable.Range(start, length)],
            1 => [.. Enumerable.Range(0, length).Select(i => start + (2 * i))],
            2 => [.. Enumerable.Range(start, length).Reverse()],
            3 => [.. Enumerable.Range(0, length).Select(i => random.Next(-1, 12))],
            _ => [.. Enumerable.Repeat(start, length)],
        };
        if (random.Next(3) == 0)
        {
            // A pad at both ends.
            places[0] = places[^1] = -1;
        }

        return places;
    }

    private static void Check(Random random, int[] lengths, int[][] places, int inputs, string what)
    {
        float[] x = SparseCase.Values(random, inputs);
        int[] strides = GeneralCase.Strides(lengths, new bool[lengths.Length], out int written);
        bool isSpread = random.Next(4) == 0;
        int offset = random.Next(3);
        if (isSpread)
        {
            // Every other element of the output.
            strides = [.. strides.Select(s => 2 * s)];
            written *= 2;
        }

        double[] expected = [.. Enumerable.Repeat(-3.0, offset + written + random.Next(3))];
        for (int i = 0; i < GeneralCase.Product(lengths); i++)
        {
            int[] place = GeneralCase.Place(i, lengths);
            int from = 0;
            bool isFilled = false;
            for (int d = 0; d < place.Length; d++)
            {
                from += places[d][place[d]];
                isFilled |= places[d][place[d]] == -1;
            }

            expected[offset + GeneralCase.Element(place, strides)] = isFilled ? 0.5f : x[from];
        }

        // What the step leaves out comes from a step before it.
        var blob = new BlobBuilder();
        int input = GeneralCase.Input(blob, "x", inputs);
        int output = GeneralCase.Output(blob, expected.Length);
        blob.Step(
            "fill", OperationKind.Rearrange, input, output, new OperationRecord { ActivationA = -3f },
            parameters: (int[])[1, 0, expected.Length, 1, .. Enumerable.Repeat(-1, expected.Length)]);
        int[] parameters = [lengths.Length, offset, .. lengths.SelectMany((l, d) => new[] { l, strides[d] }), .. places.SelectMany(p => p)];
        blob.Step("step", OperationKind.Rearrange, input, output, new OperationRecord { ActivationA = 0.5f }, parameters: parameters);
        GeneralCase.Check(blob, expected, what, null, x);
    }
}
