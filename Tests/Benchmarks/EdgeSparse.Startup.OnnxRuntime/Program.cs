using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

// usage: EdgeSparse.Startup.OnnxRuntime MODEL.onnx INPUT.npy
// Prints the class of the first sample. As one would write it: one thread, the float array handed over as it is.
if (args.Length != 2)
{
    Console.Error.WriteLine("usage: EdgeSparse.Startup.OnnxRuntime MODEL.onnx INPUT.npy");
    return 2;
}

using SessionOptions options = new() { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
using InferenceSession session = new(args[0], options);
string input = session.InputMetadata.Keys.Single();
long[] shape = [.. session.InputMetadata[input].Dimensions.Select(d => d < 1 ? 1L : d)];

// A .npy of little-endian fp32: the header's length stands at byte 8, the numbers follow the header.
byte[] file = File.ReadAllBytes(args[1]);
int start = 10 + BitConverter.ToUInt16(file, 8);
float[] sample = MemoryMarshal.Cast<byte, float>(file.AsSpan(start))[..(int)shape.Aggregate(1L, (a, b) => a * b)].ToArray();

using OrtValue tensor = OrtValue.CreateTensorValueFromMemory(sample, shape);
using IDisposableReadOnlyCollection<OrtValue> results = session.Run(new RunOptions(), [input], [tensor], session.OutputNames);
ReadOnlySpan<float> scores = results[0].GetTensorDataAsSpan<float>();
int best = 0;
for (int i = 1; i < scores.Length; i++)
{
    best = scores[i] > scores[best] ? i : best;
}

Console.WriteLine($"class {best}");
return 0;
