using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Verification;

/// <summary>A peer cannot run on this machine, or cannot express this network; the message is one line that says why.</summary>
public sealed class PeerUnavailableException : EdgeSparseException
{
    /// <param name="message">Why, and what to do where something can be done.</param>
    public PeerUnavailableException(string message)
        : base(message)
    {
    }
}
