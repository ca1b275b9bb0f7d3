using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class ChannelsTests
{
    [Fact]
    public void Channels_are_copied_from_any_strides_to_any_and_frames_are_filled_once_all_are_there()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            (int h, int w) = (random.Next(1, 9), random.Next(1, 30));
            Slots slots = SlotCase.Any(random);
            Slots target = SlotCase.Vary(random, slots);
            Slots alike = random.Next(2) == 0 ? target : SlotCase.Vary(random, slots);
            int[] sources = GeneralCase.Lengths(random, random.Next(1, 4), 7);
            int outputs = random.Next(1, 12);
            var blob = new BlobBuilder();
            int[] values = [.. sources.Select((c, i) => SlotCase.Input(blob, "x" + i, c, h, w, alike))];
            float[][] inputs = [.. sources.Select(c => SparseCase.Values(random, c * h * w))];
            int output = blob.Value("y", outputs, h, w, target);

            // Each output channel comes from one of the sources, often from the channel after the one before.
            (int Source, int Channel)[] chosen = new (int, int)[outputs];
            for (int c = 0; c < outputs; c++)
            {
                (int source, int channel) = c == 0 || random.Next(4) == 0 ? (random.Next(sources.Length), 0) : chosen[c - 1];
                chosen[c] = (source, random.Next(5) == 0 ? random.Next(sources[source]) : (channel + 1) % sources[source]);
            }

            foreach (int source in Enumerable.Range(0, sources.Length).Where(s => chosen.Any(o => o.Source == s)))
            {
                int[] pairs = [.. Enumerable.Range(0, outputs).Where(c => chosen[c].Source == source).SelectMany(c => new[] { c, chosen[c].Channel })];
                blob.Step("part", OperationKind.Channels, values[source], output, parameters: pairs);
            }

            SlotCase.Output(blob, output);
            double[] expected =
                [.. Enumerable.Range(0, outputs * h * w).Select(i => (double)inputs[chosen[i / (h * w)].Source][(chosen[i / (h * w)].Channel * h * w) + (i % (h * w))])];
            GeneralCase.Check(blob, expected, $"seed {seed}, {h}x{w}, {alike} to {target}", null, inputs);
        }
    }

    [Fact]
    public void A_frame_is_filled_after_the_last_part_alone()
    {
        var blob = new BlobBuilder();
        int x = SlotCase.Input(blob, "x", 2, 4, 4, Slots.Grid(2, 2));
        int y = blob.Value("y", 4, 4, 4, Slots.Grid(2, 2, halo: 1));
        blob.Step("first", OperationKind.Channels, x, y, parameters: new[] { 0, 0, 1, 1 });
        blob.Step("second", OperationKind.Channels, x, y, parameters: new[] { 2, 0, 3, 1 });
        SlotCase.Output(blob, y);
        Assert.Equal([0, 1, 2, 2, 3], PlanLayers.Of(blob));
    }
}
