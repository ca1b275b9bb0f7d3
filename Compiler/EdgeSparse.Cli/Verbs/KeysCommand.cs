using System.CommandLine;
using EdgeSparse.Cli.Display;
using EdgeSparse.Targets.Signing;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse keys new</c>.</summary>
internal sealed class KeysCommand : Command
{
    public KeysCommand()
        : base("keys", "keys that sign models")
    {
        Add(new NewVerb());
    }

    private sealed class NewVerb : Verb
    {
        private readonly Argument<string> file = new("FILE") { Description = "the private key to write; the public one goes beside it as FILE.pub" };

        public NewVerb()
            : base("new", "make an Ed25519 key pair; a file that exists is never overwritten")
        {
            Add(file);
        }

        protected override int Run(VerbContext context)
        {
            string path = context.Required(file);
            SigningKey.Create().Write(path);
            context.Report(new { PrivateKey = path, PublicKey = path + ".pub" }, (console, r) => console.WriteFacts(
                ("private key", $"{r.PrivateKey} (keep it to yourself: publish --sign)"), ("public key", $"{r.PublicKey} (for devices: publish --trust, deploy --trust)")));
            return ExitCode.Success;
        }
    }
}
