using System.IO.Compression;
using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Files.PyTorch;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Tests.Training;
using EdgeSparse.Runtime;
using static EdgeSparse.Compiler.Tests.Files.PyTorch.TorchFileMaker;

namespace EdgeSparse.Compiler.Tests.Files.PyTorch;

public sealed class PyTorchFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Both_forms_give_the_same_tensors_in_their_shapes()
    {
        byte[] root = Ordered(
            ("fc.weight", Tensor(Storage("0", "FloatStorage", 6), 0, [2, 3], [3, 1])),
            ("fc.bias", Row("1", 2)),
            ("bn.num_batches_tracked", Tensor(Storage("1", "FloatStorage", 2), 0, [], [])));
        (string, byte[])[] storages = [("0", Floats(1, -2, 3, 4, 5, 6)), ("1", Floats(0.5f, 1e-30f))];
        foreach (byte[] file in new[] { Zip(root, storages), Legacy(root, storages) })
        {
            IReadOnlyDictionary<string, Weight> read = Read(file);
            Assert.Equal(["fc.bias", "fc.weight"], read.Keys.Order());
            Assert.Equal(new TensorShape(2, 3), read["fc.weight"].Shape);
            Assert.Equal([1f, -2f, 3f, 4f, 5f, 6f], read["fc.weight"].Values.ToArray());
            Assert.Equal([0.5f, 1e-30f], read["fc.bias"].Values.ToArray());
        }
    }

    [Fact]
    public void Views_are_gathered_by_their_offset_and_strides()
    {
        byte[] storage = Storage("0", "FloatStorage", 8);
        IReadOnlyDictionary<string, Weight> read = Read(Zip(
            Dict(("transposed", Tensor(storage, 0, [2, 4], [1, 2])), ("tail", Tensor(storage, 5, [3], [1])), ("column", Tensor(storage, 1, [4, 1], [2, 77]))),
            ("0", Floats(0, 1, 2, 3, 4, 5, 6, 7))));
        Assert.Equal([0f, 2, 4, 6, 1, 3, 5, 7], read["transposed"].Values.ToArray());
        Assert.Equal([5f, 6, 7], read["tail"].Values.ToArray());
        Assert.Equal([1f, 3, 5, 7], read["column"].Values.ToArray());
    }

    [Theory]
    [InlineData("HalfStorage", new byte[] { 0, 0x3E, 0, 0xC0 }, new[] { 1.5f, -2f })]
    [InlineData("BFloat16Storage", new byte[] { 0xC0, 0x3F, 0, 0xC0 }, new[] { 1.5f, -2f })]
    [InlineData("DoubleStorage", new byte[] { 0, 0, 0, 0, 0, 0, 0xF8, 0x3F }, new[] { 1.5f })]
    [InlineData("LongStorage", new byte[] { 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, new[] { -2f })]
    [InlineData("IntStorage", new byte[] { 7, 0, 0, 0 }, new[] { 7f })]
    [InlineData("ShortStorage", new byte[] { 0xFF, 0xFF }, new[] { -1f })]
    [InlineData("CharStorage", new byte[] { 0x80, 1 }, new[] { -128f, 1f })]
    [InlineData("ByteStorage", new byte[] { 0x80, 1 }, new[] { 128f, 1f })]
    [InlineData("BoolStorage", new byte[] { 0, 1 }, new[] { 0f, 1f })]
    public void Elements_of_other_types_become_fp32(string type, byte[] bytes, float[] expected)
    {
        byte[] file = Zip(Dict(("w", Tensor(Storage("0", type, expected.Length), 0, [expected.Length], [1]))), ("0", bytes));
        Assert.Equal(expected, Read(file)["w"].Values.ToArray());
    }

    [Theory]
    [InlineData("state_dict")]
    [InlineData("model_state_dict")]
    [InlineData("model")]
    [InlineData("net")]
    [InlineData("model/state_dict")]
    public void Checkpoints_have_their_state_dictionary_under_a_usual_key(string path)
    {
        byte[] root = Ordered(("w", Row("0", 1)));
        foreach (string key in path.Split('/').Reverse())
        {
            root = Dict(
                ("epoch", Number(3)), ("best", Row("1", 1)), (key, root),
                ("optimizer", Dict(("type", Global("torch.optim.sgd", "SGD")), ("groups", List(Dict(("lr", [(byte)'G', 0x3F, 0xB9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9A])))))));
        }

        Assert.Equal([4f], Assert.Single(Read(Zip(root, ("0", Floats(4)), ("1", Floats(9))))).Value.Values.ToArray());
    }

    [Fact]
    public void Parameters_ordered_dictionaries_of_Python_2_and_the_memo_are_understood()
    {
        byte[] parameter = Call(Global("torch._utils", "_rebuild_parameter"), Tuple(Row("0", 1), [0x88], OrderedDict));
        byte[] old = Call(Global("torch._utils", "_rebuild_tensor"), Tuple([(byte)'h', 5], Number(0), Tuple(Number(1)), Tuple(Number(1))));
        byte[] pairs = List(Tuple(Text("a"), parameter), List(Text("b"), [.. Storage("1", "FloatStorage", 1), (byte)'q', 5, (byte)'0']));
        byte[] root = Call(Global("collections", "OrderedDict"), Tuple(List(Tuple(Text("a"), parameter))));
        Assert.Equal([4f], Read(Zip(root, ("0", Floats(4))))["a"].Values.ToArray());

        // The storage's first mention is kept, the second recalled.
        byte[] first = Call(Global("torch._utils", "_rebuild_tensor"), Tuple([.. Storage("1", "FloatStorage", 1), (byte)'q', 5], Number(0), Tuple(Number(1)), Tuple(Number(1))));
        IReadOnlyDictionary<string, Weight> read = Read(Zip(Dict(("a", first), ("b", old)), ("1", Floats(8))));
        Assert.Equal([8f, 8f], read.Values.Select(w => w.Values.Span[0]));
        Assert.Contains("has the instruction 0x30", Error(Zip(Dict(("x", pairs)))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("torch.nn.modules.linear", "Linear")]
    [InlineData("torch", "load")]
    [InlineData("__torch__", "Net")]
    public void Any_other_name_is_refused_by_name(string module, string name)
    {
        byte[][] roots = [Global(module, name), Call(Global(module, name), Tuple(Text("true"))), Dict(("w", Row("0", 1)), ("x", Global(module, name)))];
        foreach (byte[] root in roots)
        {
            foreach (byte[] file in new[] { Zip(root, ("0", Floats(1))), Legacy(root, ("0", Floats(1))) })
            {
                Assert.Equal(
                    $"it wants '{module}.{name}', which no state dictionary needs: only tensors and plain containers are read, nothing is run", Error(file));
            }
        }
    }

    [Fact]
    public void Names_that_are_only_known_are_not_called_and_nothing_gets_a_state()
    {
        Assert.StartsWith("it wants 'torch.optim.sgd.SGD'", Error(Zip(Call(Global("torch.optim.sgd", "SGD"), EmptyTuple))), StringComparison.Ordinal);
        Assert.StartsWith("it wants 'torch.FloatStorage'", Error(Zip(Call(Global("torch", "FloatStorage"), EmptyTuple))), StringComparison.Ordinal);
        Assert.Equal(
            "it makes an object of the name 'torch.optim.sgd.SGD' from a tuple, which is refused",
            Error(Zip([.. Global("torch.optim.sgd", "SGD"), .. EmptyTuple, 0x81])));
        Assert.Equal("it gives a list the state a dictionary, which is refused", Error(Zip([.. List(), .. Dict(), (byte)'b'])));
        Assert.Contains("calls a text", Error(Zip(Call(Text("eval"), EmptyTuple))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, new long[] { 3 }, new long[] { 1 })]
    [InlineData(1, new long[] { 2 }, new long[] { 1 })]
    [InlineData(-1, new long[] { 1 }, new long[] { 1 })]
    [InlineData(1, new long[] { 2 }, new long[] { -1 })]
    [InlineData(0, new long[] { -2 }, new long[] { 1 })]
    [InlineData(0, new long[] { 2 }, new long[] { 2 })]
    [InlineData(0, new long[] { 4 }, new long[] { 0 })]
    [InlineData(0, new[] { 1L << 32, 1L << 32 }, new long[] { 0, 0 })]
    [InlineData(long.MaxValue, new long[] { 2 }, new[] { long.MaxValue })]
    public void Tensors_that_do_not_fit_into_their_storage_are_refused(long offset, long[] sizes, long[] strides) => Assert.Contains(
        "does not fit into its storage of 2 elements",
        Error(Zip(Dict(("w", Tensor(Storage("0", "FloatStorage", 2), offset, sizes, strides))), ("0", Floats(1, 2)))), StringComparison.Ordinal);

    [Fact]
    public void What_is_damaged_or_nothing_to_use_is_told_in_one_line()
    {
        byte[] row = Dict(("w", Row("0", 2)));
        (string, byte[]) data = ("0", Floats(1, 2));
        (byte[] File, string Expected)[] cases =
        [
            (Zip(Dict(("w", Tensor(Storage("0", "FloatStorage", 2), 0, [0], [1]))), data), "tensor 'w' is empty"),
            (Zip(Dict(("w", Tensor(Storage("0", "FloatStorage", 2), 0, [1, 1], [1]))), data), "tensor 'w' has 2 sizes and 1 strides"),
            (Zip(row, ("0", Floats(1, float.NaN))), "tensor 'w' has NaN as element 1; weights must be finite"),
            (Zip(row), "its archive lacks the storage '0'"),
            (Zip(row, ("0", Floats(1))), "the entry 'archive/data/0' of its archive has 4 bytes, where 8 are expected"),
            (Zip(Dict(("w", Row("0", 1_000_000_000))), data), "its storage '0' should have 1000000000 elements of 4 bytes, but the file has "),
            (Zip(Dict(("w", Row("0", -1))), data), "its storage '0' should have -1 elements"),
            (Zip(Dict(("w", Row("0", 2)), ("v", Row("0", 1))), data), "its storage '0' is described in two ways"),
            (Zip(Dict(("w", Row("0", 200)), ("v", Row("1", 200)), ("u", Row("2", 200)), ("t", Row("3", 200))), data), "its storages should have more than "),
            (Zip(Dict(("w", [.. Tuple(Text("module")), (byte)'Q']))), "its pickle refers to something outside"),
            (Zip(Dict(("epoch", Number(3)))), "it has no tensors where a state dictionary should be; there is 'epoch'"),
            (Zip(List(row)), "it holds a list, not a state dictionary"),
            (Zip([.. row, .. row]), "its pickle ends with values left over"),
            (Zip([(byte)'('], data), "its pickle takes values that are not there"),
            (Zip([(byte)'t']), "its pickle takes values up to a mark that is not there"),
            (Zip([(byte)'h', 9]), "its pickle recalls value 9, which it never kept"),
            (Zip([(byte)'}', (byte)'(', .. Text("a"), (byte)'u']), "its pickle has a key without a value"),
            (Zip([.. Text("a"), .. Text("b"), (byte)'a']), "its pickle appends to a text"),
            (Zip([(byte)'X', 0xFF, 0xFF, 0xFF, 0xFF]), "its pickle has a text of 4294967295 bytes"),
            (Zip([(byte)'X', 1, 0, 0, 0, 0xFF]), "its pickle has a text that is no UTF-8"),
            (ZipOf(CompressionLevel.NoCompression, ("a/data.pkl", [0x80, 2, (byte)'N'])), "its pickle ends in the middle"),
            (ZipOf(CompressionLevel.NoCompression, ("a/data.pkl", [0x80, 9, (byte)'N'])), "its pickle has the protocol 9"),
            (ZipOf(CompressionLevel.NoCompression, ("a/other", [1])), "its archive has no data.pkl"),
            (ZipOf(CompressionLevel.NoCompression, ("a/data.pkl", Pickle(row)), ("b/data.pkl", Pickle(row))), "its archive has more than one data.pkl"),
            (ZipOf(CompressionLevel.NoCompression, ("data.pkl", Pickle(row)), ("byteorder", "big"u8.ToArray())), "its numbers are big-endian"),
            (ZipOf(CompressionLevel.Optimal, ("a/data.pkl", Pickle(List([.. Enumerable.Repeat(None, 50_000)])))), "the entry 'a/data.pkl' of its archive is compressed"),
            ([.. LegacyStart(little: false), .. Pickle(row)], "its numbers are not little-endian"),
            (Pickle(row), "torch.save did not write it"),
            ([.. LegacyStart(little: true), .. Pickle(row), .. Pickle(List(Text("0"), Text("9")))], "it is cut off or damaged"),
            (Legacy(row, ("0", Floats(1))), "its storage '0' has 1 elements, where 2 are expected"),
            (Legacy(row, data, data), "its storage '0' does not end within the file, or is there twice"),
            (Legacy(row, data)[..^1], "its storage '0' does not end within the file"),
            (Legacy(row, ("7", Floats(1))), "it has the storage '7', which no tensor names"),
            (Legacy(row), "it lacks the storage '0'"),
        ];
        foreach ((byte[] file, string expected) in cases)
        {
            Assert.StartsWith(expected, Error(file), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_wrong_checksum_is_damage()
    {
        byte[] file = Zip(Dict(("w", Row("0", 2))), ("0", Floats(1.25f, 2)));
        int place = file.AsSpan().IndexOf(Floats(1.25f, 2));
        file[place + 1] ^= 1;
        Assert.Equal("the entry 'archive/data/0' of its archive has a wrong checksum: it is damaged", Error(file));
    }

    [Fact]
    public void Deep_nesting_and_containers_that_hold_themselves_end_in_one_line()
    {
        Assert.Equal("it holds a list, not a state dictionary", Error(Zip([.. Enumerable.Repeat((byte)']', 300_000), .. Enumerable.Repeat((byte)'a', 299_999)])));
        Assert.Equal(
            "its checkpoints lie in one another more than 8 deep",
            Error(Zip([(byte)'}', (byte)'q', 1, .. Text("model"), (byte)'h', 1, (byte)'s'])));
        Assert.Equal("its pickle has more than 4000000 instructions", Error(Zip([.. Enumerable.Repeat((byte)'N', 4_000_001)])));
    }

    [Fact]
    public void Many_views_of_one_storage_do_not_fill_the_memory()
    {
        (string, byte[])[] views = [.. Enumerable.Range(0, 2000).Select(i => ($"{i}", Row("0", 50_000)))];
        byte[] file = Zip(Dict(views), ("0", new byte[200_000]));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.StartsWith("its tensors have 400000000 bytes in a file of ", Error(file), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000_000);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Changed_and_cut_files_give_weights_or_a_typed_error_and_nothing_else(int seed)
    {
        byte[] root = Dict(
            ("state_dict", Ordered(("a", Tensor(Storage("0", "FloatStorage", 6), 0, [2, 3], [3, 1])), ("b", Tensor(Storage("1", "FloatStorage", 2), 1, [1], [1])))),
            ("optimizer", Dict(("type", Global("torch.optim.sgd", "SGD")), ("steps", List(Number(1), Number(2))))));
        (string, byte[])[] storages = [("0", Floats(1, 2, 3, 4, 5, 6)), ("1", Floats(7, 8))];
        Random random = new(seed);
        int refused = 0;
        foreach (byte[] whole in new[] { Zip(root, storages), Legacy(root, storages) })
        {
            for (int round = 0; round < 1500; round++)
            {
                byte[] bytes = [.. whole];
                for (int change = random.Next(1, 4); change > 0; change--)
                {
                    bytes[random.Next(4, bytes.Length)] = random.Next(3) == 0 ? (byte)0xFF : (byte)random.Next(256);
                }

                bytes = random.Next(8) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
                File.WriteAllBytes(folder.File("f"), bytes);
                long before = GC.GetAllocatedBytesForCurrentThread();
                Exception? error = Record.Exception(() => WeightsFile.Read(folder.File("f")));
                Assert.True(error is null or EdgeSparseException, $"seed {seed}, round {round}: {error}");
                Assert.DoesNotContain('\n', error?.Message ?? "");
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
                refused += error is null ? 0 : 1;
            }
        }

        Assert.InRange(refused, 500, 3000);
    }

    [Theory]
    [InlineData("resnet-cifar10/resnet20-12fca82f.th", "resnet-cifar10/resnet20.safetensors", 97)]
    [InlineData("resnet-cifar10/resnet56-4bfd9763.th", "resnet-cifar10/resnet56.safetensors", 277)]
    [InlineData("woodfisher/resnet20_cifar10.pth.tar", "woodfisher/resnet20_cifar10.safetensors", 107)]
    [InlineData("woodfisher/mnist_25_epoch_93.97.ckpt", "woodfisher/mnist_mlpnet.safetensors", 6)]
    public void Published_checkpoints_are_bit_for_bit_their_conversions(string file, string conversion, int tensors)
    {
        IReadOnlyDictionary<string, Weight> read = WeightsFile.Read(SharedModels.Path(file));
        IReadOnlyDictionary<string, Weight> expected = WeightsFile.Read(SharedModels.Path(conversion));
        Assert.Equal(tensors, read.Count);
        Assert.Equal(expected.Keys.Select(n => $"module.{n}").Order(), read.Keys.Order());
        foreach (Weight weight in expected.Values)
        {
            Weight same = read[$"module.{weight.Name}"];
            Assert.Equal(weight.Shape, same.Shape);
            Assert.Equal(weight.Values.ToArray().Select(BitConverter.SingleToInt32Bits), same.Values.ToArray().Select(BitConverter.SingleToInt32Bits));
        }
    }

    private IReadOnlyDictionary<string, Weight> Read(byte[] file)
    {
        File.WriteAllBytes(folder.File("f.safetensors"), file);
        return WeightsFile.Read(folder.File("f.safetensors"));
    }

    /// <summary>What follows the file's name.</summary>
    private string Error(byte[] file)
    {
        File.WriteAllBytes(folder.File("f.pth"), file);
        string message = Assert.Throws<PyTorchFileException>(() => WeightsFile.Read(folder.File("f.pth"))).Message;
        string start = $"'{folder.File("f.pth")}' is no PyTorch state dictionary that can be used: ";
        Assert.StartsWith(start, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        return message[start.Length..];
    }
}
