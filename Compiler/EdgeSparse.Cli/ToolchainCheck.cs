using EdgeSparse.Compiler.Packing;
using EdgeSparse.Energy;
using EdgeSparse.Targets;
using EdgeSparse.Targets.Profiles;

namespace EdgeSparse.Cli;

/// <summary>Checks what target profiles say of weight formats and meters, which only the packer and the energy library know.</summary>
internal static class ToolchainCheck
{
    /// <param name="toolchain">What was read.</param>
    /// <param name="displayName">The file that it was read from.</param>
    /// <returns>The same.</returns>
    /// <exception cref="TargetsException">A profile has a format or a meter that there is not; the message lists those that are.</exception>
    public static Toolchain Checked(Toolchain toolchain, string displayName)
    {
        foreach (TargetProfile target in toolchain.Targets)
        {
            try
            {
                foreach (string format in target.Formats ?? [])
                {
                    WeightLayouts.Parse(format);
                }

                _ = target.Meter is { } meter ? MeterSpec.Parse(meter) : null;
            }
            catch (Exception error) when (error is PackingException or MeterSpecException)
            {
                throw new TargetsException($"{displayName}: the target '{target.Id}': {error.Message}", error);
            }
        }

        return toolchain;
    }
}
