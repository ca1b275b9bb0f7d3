using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Tests.Graphs;

namespace EdgeSparse.Compiler.Tests.Onnx;

public sealed class ImporterFuzzTests
{
    public static TheoryData<string> Networks => [.. TestNetworks.All.Keys];

    /// <summary>A failure prints the round, which with the network's name repeats it: the seed of each round is fixed.</summary>
    [Theory]
    [MemberData(nameof(Networks))]
    public void Changed_bytes_give_a_graph_or_a_typed_error_and_nothing_else(string network)
    {
        byte[] whole = OnnxExporter.ToBytes(TestNetworks.All[network]());
        for (int round = 0; round < 1500; round++)
        {
            byte[] bytes = Changed(whole, new Random(round));
            Exception? error = Record.Exception(() => OnnxImporter.Parse(bytes, "fuzz.onnx"));
            Assert.True(error is null or OnnxFormatException, $"round {round}: {error}");
        }
    }

    [Fact]
    public void Every_single_byte_of_a_small_model_may_be_flipped()
    {
        byte[] bytes = OnnxExporter.ToBytes(new GraphBuilder(new(-1, 3, 4, 4)).Conv("c", 2, new(2, 2)).Flatten("f").Linear("l", 2).Build());
        for (int i = 0; i < bytes.Length; i++)
        {
            foreach (byte flip in new byte[] { 0x01, 0x10, 0x80, 0xFF })
            {
                bytes[i] ^= flip;
                Exception? error = Record.Exception(() => OnnxImporter.Parse(bytes, "fuzz.onnx"));
                Assert.True(error is null or OnnxFormatException, $"byte {i} ^ {flip}: {error}");
                bytes[i] ^= flip;
            }
        }
    }

    [Theory]
    [MemberData(nameof(OperatorAgreementTests.Names), MemberType = typeof(OperatorAgreementTests))]
    public void Changed_models_of_every_operator_give_a_graph_or_a_typed_error_and_nothing_else(string model)
    {
        byte[] whole = OperatorAgreementTests.Models[model]().ToBytes();
        for (int round = 0; round < 400; round++)
        {
            byte[] bytes = Changed(whole, new Random(round));
            Exception? error = Record.Exception(() => OnnxImporter.Parse(bytes, "fuzz.onnx"));
            Assert.True(error is null or OnnxFormatException, $"round {round}: {error}");
        }
    }

    private static byte[] Changed(byte[] whole, Random random)
    {
        byte[] bytes = [.. whole];
        int changes = 1 + random.Next(4);
        for (int i = 0; i < changes; i++)
        {
            // Most of a file is weights; the structure, where changes hurt, is at its beginning and end.
            int span = random.Next(3) == 0 ? bytes.Length : Math.Min(bytes.Length, 600);
            int at = random.Next(2) == 0 ? random.Next(span) : bytes.Length - 1 - random.Next(span);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes[at] = 0xFF;
                    break;
                default:
                    bytes = [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(5))..]];
                    if (bytes.Length == 0)
                    {
                        return bytes;
                    }

                    break;
            }
        }

        return bytes;
    }
}
