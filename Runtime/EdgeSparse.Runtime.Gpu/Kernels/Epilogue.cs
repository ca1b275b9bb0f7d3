using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Offload;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>What is done to a result before it is stored.</summary>
internal static class Epilogue
{
    /// <summary>The clamp that most layers have, then the activation that is none.</summary>
    public static float Of(DeviceStep step, float x)
    {
        float clamped = DeviceMath.Clamp(x, step.Low, step.High);
        return step.Activation <= (int)Activation.Clip
            ? clamped
            : ActivationMath.Of(step.Activation, step.ActivationA, step.ActivationB, clamped);
    }
}
