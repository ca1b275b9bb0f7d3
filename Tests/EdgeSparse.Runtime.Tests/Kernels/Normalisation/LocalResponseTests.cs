using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class LocalResponseTests
{
    [Fact]
    public void Responses_agree_with_double_precision_in_any_layout()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            (int c, int h, int w) = (random.Next(1, 12), random.Next(1, 9), random.Next(1, 60));
            Slots slots = SlotCase.Any(random);
            int size = random.Next(1, 8);
            float beta = SparseCase.Pick(random, 0.75f, 0.5f, 1f, 0.6f);
            (float alpha, float bias) = (SparseCase.Pick(random, 1e-4f, 1f, 3f), SparseCase.Pick(random, 1f, 2f, 0.5f));
            float[] x = [.. SparseCase.Values(random, c * h * w).Select(v => v * 5)];
            var blob = new BlobBuilder();
            int input = SlotCase.Input(blob, "x", c, h, w, SlotCase.Vary(random, slots));
            int output = blob.Value("y", c, h, w, SlotCase.Vary(random, slots));
            int[] parameters = [size, GeneralCase.Word(alpha), GeneralCase.Word(beta), GeneralCase.Word(bias)];
            blob.Step("response", OperationKind.LocalResponse, input, output, parameters: parameters);
            SlotCase.Output(blob, output);
            double[] expected = new double[x.Length];
            for (int i = 0; i < x.Length; i++)
            {
                (int channel, int pixel) = (i / (h * w), i % (h * w));
                double sum = 0;
                for (int other = Math.Max(channel - ((size - 1) / 2), 0); other <= Math.Min(channel + (size / 2), c - 1); other++)
                {
                    sum += Math.Pow(x[(other * h * w) + pixel], 2);
                }

                expected[i] = x[i] / Math.Pow(bias + ((double)alpha / size * sum), beta);
            }

            GeneralCase.Check(blob, expected, $"seed {seed}, {c}x{h}x{w}, {slots}, size {size}, beta {beta}", null, x);
        }
    }
}
