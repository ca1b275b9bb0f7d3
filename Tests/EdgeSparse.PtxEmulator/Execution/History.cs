namespace EdgeSparse.PtxEmulator.Execution;

/// <summary>When a thread did something: accesses of two threads to the same word have an order only where a barrier lies between them.</summary>
/// <param name="Launch">Of a kernel, counted; 0 is before all.</param>
/// <param name="Group">Of the launch, counted.</param>
/// <param name="Barrier">Barriers of the group that were passed.</param>
/// <param name="WarpBarrier">Barriers of the warp that were passed.</param>
/// <param name="Warp">In the group.</param>
/// <param name="Thread">In the group.</param>
internal readonly record struct Moment(int Launch, int Group, int Barrier, int WarpBarrier, short Warp, short Thread)
{
    /// <summary>For a group, warp or thread: several of them.</summary>
    public const short Several = -2;

    /// <summary>That of another thread of the warp whose first thread's this is.</summary>
    public Moment Of(int lane) => this with { Thread = (short)(Thread + lane) };

    /// <summary>Whether this is certainly over when another thing happens later in the emulator.</summary>
    public bool IsBefore(in Moment other) =>
        Launch != other.Launch
        || (Group == other.Group
            && (Thread == other.Thread || Barrier != other.Barrier || (Warp == other.Warp && WarpBarrier != other.WarpBarrier)));

    /// <summary>This and another of the same launch as one, which stands for what is common to both.</summary>
    public Moment And(in Moment other) =>
        Group != other.Group ? other with { Group = Several, Warp = Several, Thread = Several }
        : Warp != other.Warp ? other with { Warp = Several, Thread = Several }
        : Thread != other.Thread ? other with { Thread = Several }
        : other;
}

/// <summary>The last accesses to each word of a piece of memory.</summary>
internal sealed class History(long words)
{
    private const int PageWords = 1024;

    private readonly Page?[] pages = new Page?[(words + PageWords - 1) / PageWords];

    /// <summary>Notes an access.</summary>
    /// <returns>What it may not be with: null, or an earlier one without order.</returns>
    public string? Read(long word, in Moment moment)
    {
        Page page = PageOf(word);
        ref Entry entry = ref page.Entries[word % PageWords];
        if (!entry.Written.IsBefore(moment))
        {
            return "reads what another thread writes at the same time";
        }

        entry.Read = entry.Read.IsBefore(moment) ? moment : entry.Read.And(moment);
        return null;
    }

    /// <inheritdoc cref="Read"/>
    public string? Write(long word, in Moment moment)
    {
        Page page = PageOf(word);
        ref Entry entry = ref page.Entries[word % PageWords];
        if (!entry.Written.IsBefore(moment))
        {
            return "writes where another thread writes at the same time";
        }

        if (!entry.Read.IsBefore(moment))
        {
            return "writes what another thread reads at the same time";
        }

        entry.Written = moment;
        return null;
    }

    /// <summary>The launch whose kernel wrote a word last.</summary>
    public int WrittenIn(long word) => pages[word / PageWords]?.Entries[word % PageWords].Written.Launch ?? 0;

    private Page PageOf(long word) => pages[word / PageWords] ??= new Page();

    private sealed class Page
    {
        public Entry[] Entries { get; } = new Entry[PageWords];
    }

    private struct Entry
    {
        public Moment Written;
        public Moment Read;
    }
}
