using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Runtime.Tests.Sessions;

/// <summary>
/// Plans of steps that record who ran them and check the order: no worker is in a later step while another is in an earlier
/// one. In these steps <see cref="Step.Rows"/> is the step's number and <see cref="Step.Values"/> points to the records.
/// </summary>
public sealed unsafe class PlanRunnerTests
{
    private const int MostWorkers = 8;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(8)]
    public void No_worker_is_in_a_later_step_while_another_is_in_an_earlier_one(int workers)
    {
        // p: a step that every worker runs, s: one that is sequential.
        foreach (string kinds in (string[])["p", "s", "pp", "ps", "sp", "ss", "ppppp", "sspsspppss", "pspspsp"])
        {
            int rounds = Repetitions.Of(300);
            using var memory = new NativeArena();
            var log = (Log*)memory.Allocate(sizeof(Log));
            Step* steps = Plan(memory, log, kinds);
            using var runner = new PlanRunner(steps, kinds.Length, workers, memory);
            for (int round = 0; round < rounds; round++)
            {
                log->Round = round;
                for (int worker = 0; worker < MostWorkers; worker++)
                {
                    log->Entered[worker * Log.Stride] = -1;
                    log->Left[worker * Log.Stride] = -1;
                }

                runner.Run(null);
            }

            Assert.Equal(0, log->Violations);
            for (int i = 0; i < kinds.Length; i++)
            {
                bool everyone = kinds[i] == 'p' && workers > 1;
                Assert.Equal(rounds * (everyone ? workers : 1), log->Runs[i]);
                Assert.Equal(kinds[i] == 'p' ? log->Runs[i] : 0, log->ParallelRuns[i]);
            }
        }
    }

    [Fact]
    public void A_plan_of_sequential_steps_wakes_nobody()
    {
        using var memory = new NativeArena();
        var log = (Log*)memory.Allocate(sizeof(Log));
        using var runner = new PlanRunner(Plan(memory, log, "sss"), 3, 3, memory);
        Assert.True(SpinWait.SpinUntil(() => runner.Pool.Parked == 2, TimeSpan.FromMinutes(2)));
        runner.Run(null);
        Assert.Equal(2, runner.Pool.Parked);
        Assert.Equal((1, 1, 1), (log->Runs[0], log->Runs[1], log->Runs[2]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Each_steps_ticks_are_added_to_its_layer(int workers)
    {
        using var memory = new NativeArena();
        var log = (Log*)memory.Allocate(sizeof(Log));
        Step* steps = Plan(memory, log, "psspp");
        int[] layers = [0, 0, 1, 2, 2];
        for (int i = 0; i < layers.Length; i++)
        {
            steps[i].Layer = layers[i];
        }

        using var runner = new PlanRunner(steps, layers.Length, workers, memory);
        long[] ticks = [0, 0, 0, -7];
        long before = System.Diagnostics.Stopwatch.GetTimestamp();
        fixed (long* first = ticks)
        {
            for (int i = 0; i < 200; i++)
            {
                runner.Run(first);
            }
        }

        long whole = System.Diagnostics.Stopwatch.GetTimestamp() - before;
        Assert.All(ticks[..3], t => Assert.True(t > 0));
        Assert.InRange(ticks[..3].Sum(), 3, whole);
        Assert.Equal(-7, ticks[3]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void A_run_allocates_nothing_on_the_calling_thread(int workers)
    {
        using var memory = new NativeArena();
        var log = (Log*)memory.Allocate(sizeof(Log));
        using var runner = new PlanRunner(Plan(memory, log, "pspp"), 4, workers, memory);
        long Allocated(int runs)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < runs; i++)
            {
                runner.Run(null);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated(50);
        Assert.Equal(0, Allocated(100));
    }

    private static Step* Plan(NativeArena memory, Log* log, string kinds)
    {
        var steps = (Step*)memory.Allocate((long)kinds.Length * sizeof(Step));
        for (int i = 0; i < kinds.Length; i++)
        {
            steps[i].Rows = i;
            steps[i].Values = (float*)log;
            steps[i].Kernel = kinds[i] == 'p' ? &RunPart : &RunAlone;
            steps[i].Sequential = kinds[i] == 'p' ? 0 : 1;
        }

        return steps;
    }

    private static void RunAlone(Step* step, int worker, int workers)
    {
        if (worker != 0 || workers != 1)
        {
            Interlocked.Increment(ref ((Log*)step->Values)->Violations);
        }

        Record(step, 0, 1);
    }

    private static void RunPart(Step* step, int worker, int workers)
    {
        Interlocked.Increment(ref ((Log*)step->Values)->ParallelRuns[step->Rows]);
        Record(step, worker, workers);
    }

    private static void Record(Step* step, int worker, int workers)
    {
        Log* log = (Log*)step->Values;
        int number = step->Rows;
        Interlocked.Exchange(ref log->Entered[worker * Log.Stride], number);
        for (int other = 0; other < workers; other++)
        {
            // In this step or waiting before it: in none before, since all have left those that they take part in.
            if (log->InStepOtherThan(other, number))
            {
                Interlocked.Increment(ref log->Violations);
            }
        }

        // The delay is the same in every repetition of the test, and another for each worker, step and round.
        Thread.SpinWait(Delay(log->Round, number, worker));
        for (int other = 0; other < MostWorkers; other++)
        {
            if (log->InStepOtherThan(other, number))
            {
                Interlocked.Increment(ref log->Violations);
            }
        }

        Interlocked.Increment(ref log->Runs[number]);
        Interlocked.Exchange(ref log->Left[worker * Log.Stride], number);
    }

    /// <summary>0 to 99, from the finalizer of MurmurHash3: <see cref="Random"/> would allocate.</summary>
    private static int Delay(int round, int step, int worker)
    {
        uint hash = (uint)((round * 1009) + (step * 31) + worker);
        hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
        return (int)((hash ^ (hash >> 16)) % 100);
    }

    private struct Log
    {
        public const int Stride = 32;
        public int Round;
        public int Violations;
        public fixed int Runs[16];
        public fixed int ParallelRuns[16];
        public fixed int Entered[MostWorkers * Stride];
        public fixed int Left[MostWorkers * Stride];

        /// <summary>Whether a worker is inside another step than that.</summary>
        public bool InStepOtherThan(int worker, int number)
        {
            // The step left is read first: a worker that enters in between can only be in a step that it may be in.
            int left = Volatile.Read(ref Left[worker * Stride]);
            int entered = Volatile.Read(ref Entered[worker * Stride]);
            return entered != left && entered != number;
        }
    }
}
