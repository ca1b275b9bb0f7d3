using System.Numerics;

namespace EdgeSparse.PtxEmulator.Execution;

/// <summary>
/// Threads that run in step. Where they go different ways, one way is run after the other, to the place where all must come past
/// (the immediate post-dominator of the branch), as NVIDIA's GPUs do since their first; a barrier is waited at by all of them, which
/// those before Volta need.
/// </summary>
internal sealed class Warp
{
    private readonly Stack<Path> paths = new();
    private readonly Launch launch;
    private uint living;

    public Warp(Launch launch, int index)
    {
        (this.launch, Index) = (launch, index);
        Registers = new Registers(launch.Program.File);
        launch.Program.SetConstants(Registers);
    }

    public Registers Registers { get; }

    public Launch Launch => launch;

    /// <summary>In its group.</summary>
    public int Index { get; }

    /// <summary>Lanes that run now.</summary>
    public uint Mask { get; private set; }

    /// <summary>Barriers of the warp that have been passed, those of the group counted too.</summary>
    public int Epoch { get; set; }

    public bool IsDone => living == 0;

    public bool IsWaiting { get; private set; }

    /// <summary>Begins anew, in another group.</summary>
    /// <param name="threads">Of the group.</param>
    public void Begin(int threads)
    {
        int lanes = Math.Min(Registers.Lanes, threads - (Index * Registers.Lanes));
        living = lanes == Registers.Lanes ? uint.MaxValue : (1u << lanes) - 1;
        Epoch = 0;
        IsWaiting = false;
        Registers.Forget();
        launch.Program.MarkConstants(Registers);
        launch.Program.SetPlace(Registers, launch, Index);
        paths.Clear();
        paths.Push(new Path(0, Path.Nowhere, living));
    }

    /// <summary>Goes on until the group waits or all threads have ended.</summary>
    public void Run()
    {
        IsWaiting = false;
        while (living != 0 && !IsWaiting)
        {
            Run(launch.Program.Entry, paths, isEntry: true);
        }
    }

    /// <summary>The lanes of a set that run, as numbers; the set is used up.</summary>
    public static bool Next(ref uint lanes, out int lane)
    {
        lane = BitOperations.TrailingZeroCount(lanes);
        bool any = lanes != 0;
        lanes &= lanes - 1;
        return any;
    }

    /// <summary>Refuses a wait in which some lanes don't take part.</summary>
    public void RequireAll(string what)
    {
        if (Mask != living)
        {
            throw Fault(BitOperations.TrailingZeroCount(living & ~Mask), $"does not come to {what} with the others of its warp");
        }
    }

    public PtxFaultException Fault(int lane, string what) => new($"{launch.Program.Entry.Name}, {launch.Place}, thread {(Index * Registers.Lanes) + lane} {what}: {Current?.Statement} (line {Current?.Statement.Line})");

    private Operation? Current { get; set; }

    private void Run(Code code, Stack<Path> ways, bool isEntry)
    {
        while (ways.Count > 0)
        {
            Path path = ways.Pop();
            path.Mask &= living;
            if (path.Mask == 0 || path.At == path.Meeting)
            {
                continue;
            }

            Mask = path.Mask;
            if (path.At >= code.Operations.Length)
            {
                throw Fault(BitOperations.TrailingZeroCount(Mask), "runs past the end of " + code.Name);
            }

            Operation operation = code.Operations[path.At];
            Current = operation;
            RequireKnown(operation);
            switch (operation)
            {
                case Branch branch:
                    Go(ways, path, branch);
                    break;
                case BranchByIndex table:
                    Go(ways, path, table);
                    break;
                case Call call:
                    ways.Push(path with { At = path.At + 1 });
                    Stack<Path> inner = new();
                    inner.Push(new Path(0, Path.Nowhere, Mask));
                    Run(call.Code, inner, isEntry: false);
                    break;
                case Return when isEntry:
                    living &= ~Mask;
                    break;
                case Return:
                    break;
                case GroupBarrier:
                    RequireAll("a barrier of the group");
                    ways.Push(path with { At = path.At + 1 });
                    Epoch++;
                    IsWaiting = true;
                    return;
                default:
                    path.At = RunOn(code, path);
                    ways.Push(path);
                    break;
            }
        }
    }

    /// <summary>Runs operations that don't jump, from one on; the place of the first that does or where lanes meet.</summary>
    private int RunOn(Code code, Path path)
    {
        int at = path.At;
        Operation operation = code.Operations[at];
        while (true)
        {
            operation.Run(this);
            at++;
            if (at == path.Meeting || at >= code.Operations.Length || code.Operations[at] is Jump)
            {
                return at;
            }

            operation = code.Operations[at];
            Current = operation;
            RequireKnown(operation);
        }
    }

    private void RequireKnown(Operation operation)
    {
        foreach (Register source in operation.Sources)
        {
            uint unknown = Mask & ~Registers.Known(source);
            if (unknown != 0)
            {
                throw Fault(BitOperations.TrailingZeroCount(unknown), "reads a register that nothing was written to");
            }
        }
    }

    private void Go(Stack<Path> ways, Path path, Branch branch)
    {
        uint taken = branch.Taken(this, Mask);
        if (taken == Mask)
        {
            ways.Push(path with { At = branch.Target });
        }
        else if (taken == 0)
        {
            ways.Push(path with { At = path.At + 1 });
        }
        else
        {
            if (branch.IsUniform)
            {
                throw Fault(BitOperations.TrailingZeroCount(taken), "goes another way than others of its warp");
            }

            Part(ways, path, branch.Meeting);
            ways.Push(new Path(path.At + 1, branch.Meeting, Mask & ~taken));
            ways.Push(new Path(branch.Target, branch.Meeting, taken));
        }
    }

    private void Go(Stack<Path> ways, Path path, BranchByIndex table)
    {
        Span<uint> indices = Registers.Of<uint>(table.Index);
        uint left = Mask;
        bool isFirst = true;
        while (left != 0)
        {
            int lane = BitOperations.TrailingZeroCount(left);
            uint index = indices[lane];
            if (index >= table.Targets.Length)
            {
                throw Fault(lane, $"has no branch {index}");
            }

            uint same = 0;
            for (uint others = left; Next(ref others, out int other);)
            {
                same |= indices[other] == index ? 1u << other : 0;
            }

            left &= ~same;
            if (isFirst && left == 0)
            {
                ways.Push(path with { At = table.Targets[index] });
                return;
            }

            if (isFirst)
            {
                Part(ways, path, table.Meeting);
                isFirst = false;
            }

            if (table.IsUniform)
            {
                throw Fault(lane, "goes another way than others of its warp");
            }

            ways.Push(new Path(table.Targets[index], table.Meeting, same));
        }
    }

    /// <summary>All lanes of a path go on where they meet, once each has come there.</summary>
    private static void Part(Stack<Path> ways, Path path, int meeting)
    {
        if (meeting != Path.Nowhere)
        {
            ways.Push(path with { At = meeting });
        }
    }

    /// <summary>Some lanes on their way.</summary>
    /// <param name="At">The next operation.</param>
    /// <param name="Meeting">Where they wait for the others that they parted from.</param>
    private record struct Path(int At, int Meeting, uint Mask)
    {
        public const int Nowhere = -1;
    }
}
