namespace EdgeSparse.Energy;

/// <summary>
/// How joules per inference are measured. The defaults follow MLPerf Tiny (Banbury et al. 2021, and the rules of its
/// benchmark): at least 10 s and 10 inferences a run, and the median of five runs.
/// </summary>
public sealed record EnergyOptions
{
    /// <summary>MLPerf Tiny's least number of inferences in a run.</summary>
    internal const int LeastInferences = 10;

    /// <summary>Runs, of which the median counts: 1 to 100.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of that range.</exception>
    public int Runs
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(Runs));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 100, nameof(Runs));
            field = value;
        }
    }

    = 5;

    /// <summary>The least time of a run; it ends with the inference that is under way then.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above zero.</exception>
    public TimeSpan RunTime
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, nameof(RunTime));
            field = value;
        }
    }

    = TimeSpan.FromSeconds(10);

    /// <summary>How long the idle power is measured before each run.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above zero.</exception>
    public TimeSpan IdleTime
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, nameof(IdleTime));
            field = value;
        }
    }

    = TimeSpan.FromSeconds(3);

    /// <summary>Waited after each change of load before it is measured: clock frequencies and supplies settle.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public TimeSpan SettleTime
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero, nameof(SettleTime));
            field = value;
        }
    }

    = TimeSpan.FromSeconds(0.5);

    /// <summary>Time between readings; null for what suits the meter.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>As <see cref="RunTime"/> for short trials: the other times in the same proportion, at most their defaults.</summary>
    /// <param name="seconds">Above 0.</param>
    public static EnergyOptions OfSeconds(double seconds) => new()
    {
        RunTime = TimeSpan.FromSeconds(seconds),
        IdleTime = TimeSpan.FromSeconds(Math.Min(3, 0.3 * seconds)),
        SettleTime = TimeSpan.FromSeconds(Math.Min(0.5, 0.05 * seconds)),
    };
}
