using System.Diagnostics;
using System.Globalization;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Gpu;

// Each blob's own samples on a GPU, by kernels that ILGPU compiles here and now, against what the CPU computed when it was made.
// usage: EdgeSparse.Gpu.Jit cuda|opencl BLOB...      exit code 1 when one deviates by more than 1e-4 of its largest output
if (args.Length < 2 || args[0] is not ("cuda" or "opencl"))
{
    Console.Error.WriteLine("usage: EdgeSparse.Gpu.Jit cuda|opencl BLOB...");
    return 2;
}

GpuBackend backend = args[0] == "cuda" ? GpuBackend.Cuda(0) : GpuBackend.OpenCL(0);
int passed = 0;
int failed = 0;
double worst = 0;
string device = "";
var clock = Stopwatch.StartNew();
foreach (string blob in args[1..])
{
    try
    {
        using Model model = Model.Load(blob);
        if (model.SelfTest is null)
        {
            Console.WriteLine($"skipped {blob}: its outputs are no finite numbers");
            continue;
        }

        using GpuSession session = model.CreateSession(backend);
        device = session.DeviceName;
        SelfTestResult result = model.SelfTest.Run(session);
        bool isRight = result.LargestDeviation <= 1e-4;
        (passed, failed) = isRight ? (passed + 1, failed) : (passed, failed + 1);
        worst = Math.Max(worst, result.LargestDeviation);
        if (!isRight)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"FAILED {blob}: deviation {result.LargestDeviation}"));
        }
    }
    catch (EdgeSparseException e)
    {
        failed++;
        Console.WriteLine($"FAILED {blob}: {e.Message}");
    }
}

Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture, $"{device}: {passed} passed, {failed} failed, the largest deviation is {worst:g3}; {clock.Elapsed.TotalSeconds:0.0} s with compilation"));
return failed == 0 ? 0 : 1;
