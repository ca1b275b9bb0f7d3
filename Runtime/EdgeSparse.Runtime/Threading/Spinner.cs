using System.Diagnostics;

namespace EdgeSparse.Runtime.Threading;

/// <summary>
/// Paces a loop that waits for another thread: pauses of some tens of nanoseconds until a budget of time is used up. What comes
/// then, giving the core away or sleeping, is the waiter's choice.
/// </summary>
/// <param name="budgetTicks">The budget in <see cref="Stopwatch"/> ticks, as <see cref="Budget"/> gives it.</param>
internal struct Spinner(long budgetTicks)
{
    /// <summary>About what putting a thread to sleep and waking it costs: to wait longer by spinning never gains more than that.</summary>
    private const long BudgetMicroseconds = 40;

    /// <summary>Reading the clock may cost as much as a pause, or much more on a virtual machine.</summary>
    private const int PollsPerClockRead = 16;

    private long deadline;
    private int polls;
    private bool spent;

    /// <summary>
    /// Ticks that each of so many threads may spin. None where there are fewer cores: a thread that spins there holds up the one
    /// that it waits for.
    /// </summary>
    public static long Budget(int threads) =>
        threads > Environment.ProcessorCount ? 0 : Stopwatch.Frequency * BudgetMicroseconds / 1_000_000;

    /// <summary>Pauses, or returns false at once when the budget is used up.</summary>
    public bool Pause()
    {
        if (spent)
        {
            return false;
        }

        if (++polls == PollsPerClockRead)
        {
            polls = 0;
            long now = Stopwatch.GetTimestamp();
            if (deadline == 0)
            {
                deadline = now + budgetTicks;
            }

            spent = now >= deadline;
        }

        Thread.SpinWait(1);
        return true;
    }

    /// <summary>Pauses, or lets another thread have the core when the budget is used up.</summary>
    public void PauseOrYield()
    {
        if (!Pause())
        {
            Thread.Yield();
        }
    }
}
