using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>Random layouts, and steps between planar inputs and outputs whose values lie in slots.</summary>
internal static class SlotCase
{
    /// <summary>Lanes and grid of any kind: planar, flat or a grid, without halo.</summary>
    public static Slots Any(Random random) => random.Next(6) switch
    {
        0 => Slots.Planar,
        1 => Slots.Flat(SparseCase.Pick(random, 4, 8, 16)),
        _ => Grid(random),
    };

    public static Slots Grid(Random random)
    {
        int lanes = SparseCase.Pick(random, 4, 8, 16);
        int gridY = 1 << random.Next(System.Numerics.BitOperations.Log2((uint)lanes) + 1);
        return Slots.Grid(gridY, lanes / gridY);
    }

    /// <summary>The same regions with other strides and, for a grid, perhaps a frame and halo.</summary>
    public static Slots Vary(Random random, Slots slots)
    {
        if (slots.Lanes == 1)
        {
            return slots with { Slack = random.Next(3) };
        }

        slots = slots with
        {
            ChannelsOutside = random.Next(2) == 0,
            RowGap = random.Next(2),
            OuterGap = random.Next(3) / 2,
            Before = random.Next(2),
            Frame = (Frame)random.Next(3),
        };
        return slots.GridY == 0 || slots.Frame == Frame.None ? slots : slots with
        {
            Top = random.Next(4),
            Left = random.Next(4),
            Bottom = random.Next(4),
            Right = random.Next(4),
        };
    }

    /// <summary>Adds a planar input of the network and its copy in slots; returns the latter, or the input where that is planar.</summary>
    public static int Input(BlobBuilder blob, string name, int channels, int height, int width, Slots slots)
    {
        int planar = blob.Value(name, channels, height, width);
        blob.Input(name, planar, 1, channels, height, width);
        if (slots.Lanes == 1)
        {
            return planar;
        }

        int value = blob.Value(name + " in slots", channels, height, width, slots);
        blob.Step("lay " + name, OperationKind.Relayout, planar, value);
        return value;
    }

    /// <summary>Makes a value, by way of a planar copy, the network's output.</summary>
    public static void Output(BlobBuilder blob, int value)
    {
        ValueRecord v = blob.Values[value];
        if (v.Lanes != 1)
        {
            int planar = blob.Value("planar y", v.Channels, v.Height, v.Width);
            blob.Step("lay y", OperationKind.Relayout, value, planar);
            value = planar;
        }

        blob.Output("y", value, 1, v.Channels, v.Height, v.Width);
    }

    /// <summary>That the plan's results have the same bits for any number of workers.</summary>
    public static void AssertSameForWorkers(BlobBuilder blob, Runtime.Kernels.InstructionSet set, float[] expected, params float[][] inputs)
    {
        foreach (int workers in new[] { 2, 3, 7 })
        {
            float[] actual = WorkerRun.Run(blob, set, workers, inputs);
            KernelRun.AssertSameBits(expected, actual);
        }
    }
}
