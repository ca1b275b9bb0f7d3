using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Times candidates in the runtime, on one thread. They take turns every few milliseconds, so that whatever else the machine does
/// meets all of them, and the median of a candidate's turns counts.
/// </summary>
/// <param name="set">What the target's kernels may use.</param>
internal sealed class SessionTimer(InstructionSet set) : ICandidateTimer
{
    private const double TurnMilliseconds = 2;

    /// <summary>At least so long, and so many turns, for each candidate.</summary>
    private const double LeastMilliseconds = 20;
    private const int LeastTurns = 5;

    /// <summary>Calls after which the just-in-time compiler improves code, and how long that may take; see .NET's TieredCompilation.</summary>
    private const int WarmCalls = 40;
    private const double WarmMilliseconds = 250;
    private const double LongestWarmUpMilliseconds = 1500;

    public IReadOnlyList<double> Measure(IReadOnlyList<Trial> trials, CancellationToken cancellation)
    {
        List<Contestant> contestants = [];
        try
        {
            foreach (Trial trial in trials)
            {
                contestants.Add(new Contestant(trial, set));
            }

            WarmUp(contestants, cancellation);
            List<Contestant> turns = [.. contestants];
            for (int turn = 0; turn < LeastTurns || contestants.Any(c => c.Milliseconds < LeastMilliseconds); turn++)
            {
                cancellation.ThrowIfCancellationRequested();
                turns.ForEach(c => c.TakeTurn());

                // Who goes first finds the caches as the other left them; each does in half of the turns.
                turns.Reverse();
            }

            return [.. contestants.Select(c => Quantiles.Median(CollectionsMarshal.AsSpan(c.Microseconds)))];
        }
        finally
        {
            contestants.ForEach(c => c.Dispose());
        }
    }

    private static void WarmUp(List<Contestant> contestants, CancellationToken cancellation)
    {
        var elapsed = Stopwatch.StartNew();
        for (int calls = 0;
            (calls < WarmCalls || elapsed.Elapsed.TotalMilliseconds < WarmMilliseconds)
            && elapsed.Elapsed.TotalMilliseconds < LongestWarmUpMilliseconds;
            calls++)
        {
            cancellation.ThrowIfCancellationRequested();
            contestants.ForEach(c => c.Run());
        }
    }

    /// <summary>One candidate's session and the medians of its turns so far.</summary>
    private sealed class Contestant : IDisposable
    {
        private const int InputSeed = 1;

        private readonly Model model;
        private readonly Session session;
        private readonly IReadOnlyList<float[]> inputs;
        private readonly float[] output;
        private readonly long[] ticks;
        private readonly int step;
        private int next;

        public Contestant(Trial trial, InstructionSet set)
        {
            model = Model.FromBytes(trial.Blob, set);
            session = model.CreateSession();
            step = model.Layers.ToList().FindIndex(l => l.Name == TrialNetwork.Step);
            ticks = new long[model.Layers.Count];
            inputs = InputsOf(model.Inputs[0].ElementCount, trial.NonZeroInputs);
            output = new float[model.Outputs[0].ElementCount];
        }

        public double Milliseconds { get; private set; }

        public List<double> Microseconds { get; } = [];

        /// <summary>Microseconds of the layer's step in one run.</summary>
        public double Run()
        {
            Array.Clear(ticks);
            session.RunTimed(inputs[next++ % inputs.Count], output, ticks);
            return ticks[step] * 1e6 / Stopwatch.Frequency;
        }

        public void TakeTurn()
        {
            // The others' work has pushed this one's out of the caches.
            Run();
            List<double> runs = [];
            var elapsed = Stopwatch.StartNew();
            do
            {
                runs.Add(Run());
            }
            while (elapsed.Elapsed.TotalMilliseconds < TurnMilliseconds);
            Milliseconds += elapsed.Elapsed.TotalMilliseconds;
            Microseconds.Add(Quantiles.Median(CollectionsMarshal.AsSpan(runs)));
        }

        /// <summary>
        /// Without zeros one input stands for all. With them several take turns, or the branch predictor learns by heart which
        /// columns are left out.
        /// </summary>
        private static IReadOnlyList<float[]> InputsOf(int elements, double nonZeroInputs)
        {
            IReadOnlyList<float[]> inputs = BenchInputs.Random(elements, InputSeed, nonZeroInputs < 1 ? BenchInputs.DefaultCount : 1);
            Random random = new(InputSeed);
            foreach (float[] input in inputs)
            {
                for (int i = 0; i < elements; i++)
                {
                    input[i] = random.NextDouble() < nonZeroInputs ? input[i] : 0;
                }
            }

            return inputs;
        }

        public void Dispose()
        {
            session.Dispose();
            model.Dispose();
        }
    }
}
