namespace EdgeSparse.Cli;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The work failed, or a verification did not hold.</summary>
    public const int Failure = 1;

    /// <summary>The command line itself is wrong.</summary>
    public const int Usage = 2;

    /// <summary>128 + SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>128 + SIGTERM.</summary>
    public const int Terminated = 143;
}
