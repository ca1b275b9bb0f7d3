using System.Collections.Immutable;
using System.IO.Hashing;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Tests.Packing;

public class SelfTestSectionTests
{
    private const int Record = 32;

    [Fact]
    public void A_sample_of_pixels_is_stored_as_bytes_and_comes_back_exactly()
    {
        byte[] plain = Network(scaled: true);
        // (pixel/255 − 0.5) / 0.25 of 0, 255, 51 and 102.
        float[] sample = [((0 / 255f) - 0.5f) / 0.25f, ((255 / 255f) - 0.5f) / 0.25f, ((51 / 255f) - 0.5f) / 0.25f, ((102 / 255f) - 0.5f) / 0.25f];
        byte[] blob = SelfTestSection.Add(plain, [sample]);
        Assert.Equal(Align(plain.Length) + Record + 4 + 8, blob.Length);
        Assert.Equal([0, 255, 51, 102], blob[(Align(plain.Length) + Record)..(Align(plain.Length) + Record + 4)]);
        using Model model = Model.FromBytes(blob);
        Assert.Equal(1, model.SelfTest!.Samples);
        Assert.Equal(sample, model.SelfTest.Input(0, 0));
        AssertPasses(model);
    }

    [Fact]
    public void Other_samples_are_stored_as_numbers()
    {
        byte[] plain = Network(scaled: false);
        byte[] blob = SelfTestSection.Add(plain, [[1, 2, 3, 4], [-1.5f, 0, 0, 0]]);
        Assert.Equal(Align(plain.Length) + Record + 32 + 16, blob.Length);
        using Model model = Model.FromBytes(blob);
        Assert.Equal(2, model.SelfTest!.Samples);
        Assert.Equal([-1.5f, 0, 0, 0], model.SelfTest.Input(1, 0));
        AssertPasses(model);
    }

    [Fact]
    public void A_generated_sample_takes_no_room_and_is_that_of_the_documented_formula()
    {
        byte[] plain = Network(scaled: false);
        byte[] blob = SelfTestSection.AddGenerated(plain);
        Assert.Equal(Align(plain.Length) + Record + 8, blob.Length);
        using Model model = Model.FromBytes(blob);
        Assert.Equal([8835834 / 16777216f, 6171927 / 16777216f, 1369240 / 16777216f, 13766305 / 16777216f], model.SelfTest!.Input(0, 0));
        AssertPasses(model);
    }

    [Fact]
    public void Nothing_else_in_the_blob_moves()
    {
        byte[] plain = Network(scaled: false);
        byte[] blob = SelfTestSection.AddGenerated(plain);
        Assert.Equal(plain[64..288], blob[64..288]);
        Assert.Equal(plain[320..], blob[320..plain.Length]);
        using Model without = Model.FromBytes(plain);
        Assert.Null(without.SelfTest);
    }

    [Fact]
    public void A_network_whose_answer_is_no_number_gets_no_self_test()
    {
        byte[] plain = Network(scaled: false);
        Assert.Equal(plain, SelfTestSection.Add(plain, [[float.NaN, 0, 0, 0]]));
    }

    [Fact]
    public void What_is_computed_otherwise_than_stated_does_not_pass()
    {
        byte[] blob = SelfTestSection.AddGenerated(Network(scaled: false));
        Write(blob, blob.Length - 4, BitConverter.GetBytes(1000f));
        using Model model = Model.FromBytes(blob);
        using Session session = model.CreateSession();
        SelfTestResult result = model.SelfTest!.Run(session);
        Assert.False(result.Passed);
        Assert.InRange(result.LargestDeviation, 0.99, 1.01);
    }

    [Theory]
    [InlineData(0, 0u, "Samples is 0, not 1 to 1024")]
    [InlineData(0, 1025u, "Samples is 1025, not 1 to 1024")]
    [InlineData(0, 2u, "bytes; 2 samples of this network take 48")]
    [InlineData(4, 3u, "Inputs is 3, which is none of 0 to 2")]
    [InlineData(4, 0u, "a reserved field is not zero")]
    [InlineData(12, 0u, "Tolerance is not above 0 and at most 1")]
    [InlineData(12, 0x7FC00000u, "Tolerance is not above 0 and at most 1")]
    [InlineData(12, 0x40000000u, "Tolerance is not above 0 and at most 1")]
    [InlineData(16, 1u, "a reserved field is not zero")]
    [InlineData(28, 1u, "a reserved field is not zero")]
    [InlineData(32, 0x7F800000u, "the output at its byte 32 is no finite number")]
    public void A_wrong_field_is_refused(int offset, uint value, string expected)
    {
        byte[] plain = Network(scaled: false);
        byte[] blob = SelfTestSection.AddGenerated(plain);
        Write(blob, Align(plain.Length) + offset, BitConverter.GetBytes(value));
        BlobFormatException error = Assert.Throws<BlobFormatException>(() => Model.FromBytes(blob));
        Assert.StartsWith("the section SelfTest is wrong: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pixels_of_a_network_that_has_no_scaling_are_refused()
    {
        byte[] plain = Network(scaled: false);
        byte[] blob = SelfTestSection.AddGenerated(plain);
        Write(blob, Align(plain.Length) + 4, [1, 0, 0, 0, 0, 0, 0, 0]);
        Assert.Contains("input 0 has no scaling", Assert.Throws<BlobFormatException>(() => Model.FromBytes(blob)).Message, StringComparison.Ordinal);
    }

    private static void AssertPasses(Model model)
    {
        using Session session = model.CreateSession();
        SelfTestResult result = model.SelfTest!.Run(session);
        Assert.True(result.Passed);
        Assert.Equal(0, result.LargestDeviation);
    }

    private static int Align(int length) => (length + 63) & ~63;

    /// <summary>Changes bytes and gives the blob its digest again.</summary>
    private static void Write(byte[] blob, int offset, byte[] bytes)
    {
        bytes.CopyTo(blob, offset);
        byte[] digest = XxHash128.Hash(blob.AsSpan(32));
        Array.Reverse(digest);
        digest.CopyTo(blob, 16);
    }

    /// <summary>(a + b, c + d) of four numbers.</summary>
    private static byte[] Network(bool scaled)
    {
        Graph graph = new(
            "sums",
            [new GraphValue("x", new TensorShape(1, 1, 2, 2))],
            ["y"],
            [new Flatten("flatten", "x", "flat"), new Linear("sums", "flat", "y", "w", null)],
            ImmutableDictionary<string, Weight>.Empty.Add("w", new Weight("w", new TensorShape(2, 4), [1, 1, 0, 0, 0, 0, 1, 1])));
        return Packer.Pack(scaled ? new InputScaling([0.5f], [0.25f]).ApplyTo(graph) : graph, new PackOptions()).Bytes.ToArray();
    }
}
