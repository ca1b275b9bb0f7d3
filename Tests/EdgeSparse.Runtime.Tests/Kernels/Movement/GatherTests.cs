using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class GatherTests
{
    [Fact]
    public void Rows_come_from_where_the_indices_say_also_from_the_end()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            (int outer, int length, int inner, int count) = (random.Next(1, 5), random.Next(1, 30), random.Next(1, 20), random.Next(1, 12));
            float[] x = SparseCase.Values(random, outer * length * inner);
            float[] indices = [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(-length, length))];
            double[] expected = new double[outer * count * inner];
            for (int i = 0; i < expected.Length; i++)
            {
                int index = (int)indices[i / inner % count];
                expected[i] = x[(((i / inner / count * length) + (index < 0 ? length + index : index)) * inner) + (i % inner)];
            }

            BlobBuilder blob = GeneralCase.Step(
                OperationKind.Gather, default, new[] { outer, length, inner, count }, expected.Length, x, indices);
            GeneralCase.Check(blob, expected, $"seed {seed}, {count} of {outer}x{length}x{inner}", null, x, indices);
        }
    }

    [Theory]
    [InlineData(3f, "3")]
    [InlineData(-4f, "-4")]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    [InlineData(3e9f, "3E+09")]
    public void An_index_out_of_range_ends_the_run_and_the_next_run_is_right(float wrong, string text)
    {
        float[] x = [1, 2, 3];
        foreach (int threads in (int[])[1, 2])
        {
            using Model model = Model.FromBytes(
                GeneralCase.Step(OperationKind.Gather, default, new[] { 1, 3, 1, 4 }, 4, x, new float[4]).Build());
            using Session session = model.CreateSession(new SessionOptions { Threads = threads });
            void Run(params float[] indices)
            {
                session.SetInput(0, x);
                session.SetInput(1, indices);
                session.Run();
            }

            Assert.Equal(
                $"layer 'step' (Gather) was given the index {text} into 3 elements",
                Assert.Throws<EdgeSparseException>(() => Run(0, wrong, 1, 2)).Message);
            Assert.Throws<InvalidOperationException>(() => session.GetOutput(0, new float[4]));
            Run(2, 0, -1, 1);
            float[] y = new float[4];
            session.GetOutput(0, y);
            Assert.Equal([3f, 1, 3, 2], y);
        }
    }
}
