using System.Globalization;
using TorchSharp;

namespace EdgeSparse.Compiler.Training.Torch;

/// <summary>Device names as recipes and options give them.</summary>
internal static class TorchDevice
{
    /// <summary>Loads libtorch, and reads <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    /// <exception cref="TrainingException">Another name, or a device that this machine or build does not have.</exception>
    public static torch.Device Open(string name)
    {
        TorchLibrary.EnsureLoaded();
        if (name == "cpu")
        {
            return torch.CPU;
        }

        string[] parts = name.Split(':');
        if (parts[0] != "cuda" || parts.Length > 2
            || !int.TryParse(parts.Length == 2 ? parts[1] : "0", NumberStyles.None, CultureInfo.InvariantCulture, out int index))
        {
            throw new TrainingException($"there is no device '{name}'; it is cpu, cuda or cuda:N");
        }

        if (!torch.cuda.is_available() || index >= torch.cuda.device_count())
        {
            throw new TrainingException($"device '{name}' is not there; build with -p:Torch=cuda on a machine with an NVIDIA GPU, or use cpu");
        }

        return torch.device(DeviceType.CUDA, index);
    }
}
