using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class SelectTests
{
    [Fact]
    public void Broadcast_operands_are_selected_by_the_condition()
    {
        for (int seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            int[] lengths = seed % 10 == 9 ? [2, random.Next(500, 1600)] : GeneralCase.Lengths(random, random.Next(0, 5), 13);
            int[][] strides = new int[3][];
            float[][] inputs = new float[3][];
            for (int o = 0; o < 3; o++)
            {
                bool[] repeated = [.. lengths.Select(_ => random.Next(3) == 0)];
                strides[o] = GeneralCase.Strides(lengths, repeated, out int count);
                inputs[o] = SparseCase.Sparse(random, count, o == 0 ? 0.5 : 0);
            }

            int outputs = GeneralCase.Product(lengths);
            double[] expected = new double[outputs];
            for (int i = 0; i < outputs; i++)
            {
                int[] place = GeneralCase.Place(i, lengths);
                int taken = inputs[0][GeneralCase.Element(place, strides[0])] != 0 ? 1 : 2;
                expected[i] = Math.Max(inputs[taken][GeneralCase.Element(place, strides[taken])], 0);
            }

            int[] parameters = [lengths.Length, .. lengths.SelectMany((l, d) => new[] { l, strides[0][d], strides[1][d], strides[2][d] })];
            BlobBuilder blob = GeneralCase.Step(
                OperationKind.Select, new OperationRecord { Activation = Activation.Relu }, parameters, outputs, inputs);
            GeneralCase.Check(blob, expected, $"seed {seed}, {string.Join('x', lengths)}", null, inputs);
        }
    }
}
