using System.Globalization;
using EdgeSparse.Firmware.Trust;
using EdgeSparse.Runtime;

namespace EdgeSparse.Firmware;

/// <summary>What a deployment has the device find out before a model is put to use.</summary>
internal static class DeviceCheck
{
    /// <summary>Runs the model's own samples.</summary>
    /// <param name="command">With the model, and what it is to run on.</param>
    /// <param name="key">Who must have signed it.</param>
    /// <returns>A sentence; also for a model without samples, of which no more is known than that it loads.</returns>
    /// <exception cref="EdgeSparseException">The model is refused, or computes something else than it states.</exception>
    public static string SelfTest(CommandLine command, TrustedKey? key)
    {
        ModelSource source = ModelSource.Open(command.Model, key);
        using Model model = Model.Load(source.BlobPath);
        using IInferenceSession session = command.Open(model);
        if (model.SelfTest is not { } test)
        {
            return $"no self-test: '{source.BlobPath}' was packed without samples; it loads";
        }

        SelfTestResult result = test.Run(session);
        string deviation = string.Create(CultureInfo.InvariantCulture, $"the largest deviation is {result.LargestDeviation:G3} of the largest output, {result.Tolerance:G3} is allowed");
        return result.Passed
            ? $"self-test passed: {result.Samples} samples, {deviation}"
            : throw new EdgeSparseException($"self-test failed: '{source.BlobPath}' computes something else than it states: {deviation}");
    }

    /// <summary>Checks signature, digests and age of a deployable folder.</summary>
    /// <param name="folder">With a manifest.</param>
    /// <param name="over">The folder in use, which must not be newer; null to allow any age.</param>
    /// <param name="key">Who must have signed.</param>
    /// <exception cref="EdgeSparseException">The folder is not what its manifest states, is not signed, or is older.</exception>
    public static string Verify(string folder, string? over, TrustedKey? key)
    {
        Manifest manifest = ModelSource.OpenWhole(folder, key).Manifest!;
        return over is not null && OrderOf(over) is { } inPlace && manifest.Order < inPlace
            ? throw new EdgeSparseException(
                $"the model is older than the one in place (order {manifest.Order}, in place {inPlace}); deploy it with --allow-downgrade if that is meant")
            : $"verified: order {manifest.Order}, {(key is null ? "no key configured" : "signed")}";
    }

    private static long? OrderOf(string folder)
    {
        try
        {
            return ModelSource.ReadManifest(folder, null).Order;
        }
        catch (EdgeSparseException)
        {
            // What has no readable manifest cannot run with one either: it is no bound for what replaces it.
            return null;
        }
    }
}
