namespace EdgeSparse.PtxEmulator.Execution;

/// <summary>A run of a kernel: all groups of a grid, one after the other.</summary>
internal sealed class Launch
{
    private static int launches;

    private readonly Warp[] warps;
    private readonly int serial;
    private int group;
    private int barrier;

    private Launch(Program program, DeviceMemory memory, byte[] arguments, int groupsX, int threads)
    {
        (Program, Memory, Arguments, Threads, GroupsX) = (program, memory, arguments, threads, groupsX);
        Shared = new SharedMemory(program.SharedBytes);
        serial = Interlocked.Increment(ref launches);
        warps = [.. Enumerable.Range(0, (threads + Registers.Lanes - 1) / Registers.Lanes).Select(i => new Warp(this, i))];
    }

    public Program Program { get; }

    public DeviceMemory Memory { get; }

    public byte[] Arguments { get; }

    public SharedMemory Shared { get; }

    public int Threads { get; }

    public int GroupsX { get; }

    public int GroupX { get; private set; }

    public int GroupY { get; private set; }

    /// <summary>For messages.</summary>
    public string Place => $"group ({GroupX}, {GroupY})";

    /// <summary>Runs all groups.</summary>
    /// <exception cref="PtxFaultException">A thread did what it may not.</exception>
    public static void Run(Program program, DeviceMemory memory, byte[] arguments, int groupsX, int groupsY, int threads)
    {
        var launch = new Launch(program, memory, arguments, groupsX, threads);
        for (int y = 0; y < groupsY; y++)
        {
            for (int x = 0; x < groupsX; x++)
            {
                launch.RunGroup(x, y);
            }
        }
    }

    /// <summary>Of a warp, for its first thread.</summary>
    public Moment Moment(Warp warp) => new(serial, group, barrier, warp.Epoch, (short)warp.Index, (short)(warp.Index * Registers.Lanes));

    /// <summary>Shared memory is another's in each group, so that what others did is over.</summary>
    public Moment SharedMoment(Warp warp) => Moment(warp) with { Launch = group + 1, Group = 0 };

    private void RunGroup(int x, int y)
    {
        (GroupX, GroupY) = (x, y);
        group = (y * GroupsX) + x;
        barrier = 0;
        foreach (Warp warp in warps)
        {
            warp.Begin(Threads);
        }

        while (!warps.All(w => w.IsDone))
        {
            foreach (Warp warp in warps)
            {
                warp.Run();
            }

            barrier++;
        }
    }
}
