using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Zoo;
using SkiaSharp;

namespace EdgeSparse.Compiler.Tests.Data.Pictures;

/// <summary>A folder laid out like ImageNet's: <c>train/CLASS/*.JPEG</c> and <c>val/CLASS/*.JPEG</c>, pictures of any size.</summary>
public sealed class PictureTrainingTests : IDisposable
{
    private readonly DataFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_network_learns_from_random_parts_and_is_measured_on_the_middle()
    {
        // Stripes against a smooth ramp of the same colours: every part of a picture tells its class, no single pixel does.
        Random random = new(4);
        for (int i = 0; i < 24; i++)
        {
            string part = i < 16 ? "train" : "val";
            Write($"{part}/n02000001/{i}.JPEG", random, (x, _) => x / 4 % 2 * 200);
            Write($"{part}/n01000001/{i}.JPEG", random, (x, y) => (x + y) % 201);
        }

        Dataset data = DatasetCatalog.Open(folder.Root, folder.Locations, imageSize: 32);
        Assert.Equal(["n01000001", "n02000001"], data.ClassNames);
        Assert.Equal((32, 16), (data.Train.Count, data.Test.Count));
        Graph network = ModelZoo.Create("lenet-5", seed: 2, new TensorShape(TensorShape.Symbolic, 3, 32, 32), classes: 2);
        TrainingRun run = new()
        {
            Data = data,
            Scaling = data.Scaling,
            Options = new TrainingOptions
            {
                Epochs = 8,
                BatchSize = 8,
                Optimizer = new OptimizerOptions { LearningRate = 0.01 },
                Augmentation = new AugmentationOptions { ResizedCrop = 0.3, Flip = true },
            },
        };
        Graph trained = Trainer.Train(network, run, IProgressSink.Silent, TestContext.Current.CancellationToken).Graph;
        EvaluationResult result = Evaluator.Evaluate(trained, data.Test, data.Scaling);
        Assert.Equal(16, result.Samples);
        Assert.InRange(result.Wrong, 0, 1);
        Assert.Equal(
            trained.WeightOf("fc2.weight").Values.ToArray(),
            Trainer.Train(network, run, IProgressSink.Silent, TestContext.Current.CancellationToken).Graph.WeightOf("fc2.weight").Values.ToArray());
    }

    private void Write(string name, Random random, Func<int, int, int> brightness)
    {
        using SKBitmap bitmap = new(new SKImageInfo(random.Next(60, 120), random.Next(60, 120), SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (int y = 0; y < bitmap.Height; y++)
        {
            for (int x = 0; x < bitmap.Width; x++)
            {
                byte value = (byte)(brightness(x, y) + random.Next(20));
                bitmap.SetPixel(x, y, new SKColor(value, value, (byte)(255 - value)));
            }
        }

        using SKData jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        folder.Write(name, jpeg.Span);
    }
}
