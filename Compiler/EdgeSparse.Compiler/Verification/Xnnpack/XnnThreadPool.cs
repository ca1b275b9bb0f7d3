namespace EdgeSparse.Compiler.Verification.Xnnpack;

/// <summary>A pool of pthreadpool's; for one thread there is none, and XNNPACK runs on its caller.</summary>
internal sealed class XnnThreadPool : IDisposable
{
    public XnnThreadPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        if (threads > 1)
        {
            Handle = XnnpackNative.CreatePool((nuint)threads);
            if (Handle == 0)
            {
                throw new PeerUnavailableException($"pthreadpool cannot start {threads} threads");
            }
        }
    }

    public int Threads { get; }

    /// <summary>Zero for one thread.</summary>
    public nint Handle { get; private set; }

    public void Dispose()
    {
        if (Handle != 0)
        {
            XnnpackNative.DestroyPool(Handle);
            Handle = 0;
        }
    }
}
