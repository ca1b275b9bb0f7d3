// A program of one's own on the package EdgeSparse.Runtime: how often did each class come among the samples of a file?
using System.Globalization;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Inputs;

if (args is not [var modelFile, var sampleFile])
{
    Console.Error.WriteLine("usage: CustomFirmware MODEL.esb SAMPLES    (a .npy, .idx or .png file)");
    return 2;
}

try
{
    using Model model = Model.Load(modelFile);
    using Session session = model.CreateSession();

    // Does this machine compute what the one computed that packed the model?
    if (model.SelfTest?.Run(session) is { Passed: false } wrong)
    {
        throw new EdgeSparseException($"{modelFile}: its self-test is off by {wrong.LargestDeviation:G3}; {wrong.Tolerance:G3} is allowed");
    }

    float[] scores = new float[model.Outputs[0].ElementCount];
    int[] counts = new int[scores.Length];
    foreach (float[] sample in SampleReader.Read(sampleFile, model.Inputs[0]))
    {
        session.Run(sample, scores);
        counts[scores.IndexOf(scores.Max())]++;
    }

    for (int i = 0; i < counts.Length; i++)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"class {i}: {counts[i]}"));
    }

    return 0;
}
catch (EdgeSparseException error)
{
    Console.Error.WriteLine($"error: {error.Message}");
    return 1;
}
