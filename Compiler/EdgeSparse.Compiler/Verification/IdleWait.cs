namespace EdgeSparse.Compiler.Verification;

/// <summary>
/// Threads of pools spin for a while after their last work before they sleep, and would take the next contestant's processors
/// from it.
/// </summary>
internal static class IdleWait
{
    private const int LongestMilliseconds = 250;

    /// <summary>Returns once this process uses less than a fifth of a processor, or after a quarter of a second.</summary>
    public static void UntilThreadsSleep()
    {
        for (int waited = 0; waited < LongestMilliseconds; waited += 2)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            Thread.Sleep(2);
            if ((Environment.CpuUsage.TotalTime - before).TotalMilliseconds < 0.4)
            {
                return;
            }
        }
    }
}
