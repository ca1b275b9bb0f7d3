using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Kernels;
using EdgeSparse.Runtime.Tests.Sessions;

namespace EdgeSparse.Runtime.Tests.Blob;

/// <summary>One word of an operation's parameters wrong, or a field that goes with them: the reader says what.</summary>
public sealed class ParameterCheckTests
{
    [Fact]
    public void The_general_network_itself_is_accepted()
    {
        using Model model = Model.FromBytes(GeneralNetwork.Build().Build());
        Assert.Equal(18, model.Layers.Count);
        Assert.Equal([1, 2, 1, 3, 4], model.Inputs[0].Shape);
    }

    [Fact]
    public void Ranges_of_parameters_are_checked()
    {
        Refuses(Step("sum", (ref OperationRecord o) => o.DataParameters += 4), "'sum': Parameters, 28 bytes at");
        Refuses(Step("sum", (ref OperationRecord o) => o.DataParameters = 1UL << 40), "'sum': Parameters, 28 bytes at");
        Refuses(Step("sum", (ref OperationRecord o) => o.ParameterBytes = ulong.MaxValue), "'sum': Parameters, 18446744073709551615 bytes at");
        Refuses(Step("sum", (ref OperationRecord o) => o.ParameterBytes--), "'sum': Parameters has 27 bytes");
        Refuses(Step("sum", (ref OperationRecord o) => o.ParameterBytes -= 4), "'sum': Parameters has 24 bytes, but needs 28");
        Refuses(Step("top", (ref OperationRecord o) => o.ParameterBytes -= 4), "'top': Parameters has 20 bytes; its kind needs at least 24");
        Refuses(Step("top", (ref OperationRecord o) => o.ParameterBytes = 0), "'top': it has no parameters, but they start at");
        Refuses(Step("largest", (ref OperationRecord o) => o.ParameterBytes = 4), "'largest': its kind has no parameters, but it states a range");
        ulong other = Words(GeneralNetwork.Build(), "top");
        Refuses(Step("reduced", (ref OperationRecord o) => o.DataParameters = other), "the section Data is wrong: the ranges");
    }

    [Fact]
    public void Functions_operands_and_numbers_are_checked()
    {
        Refuses(Step("sum", (ref OperationRecord o) => o.Function = 19), "'sum': its function is 19; its kind has 0 to 18");
        Refuses(Step("reduced", (ref OperationRecord o) => o.Function = 9), "'reduced': its function is 9; its kind has 0 to 8");
        Refuses(Step("top", (ref OperationRecord o) => o.Function = 1), "'top': its function is 1; its kind has 0 to 0");
        Refuses(Step("constant", (ref OperationRecord o) => o.Input0 = 0), "'constant': Input0 is 0, but its kind has none");
        Refuses(Step("selected", (ref OperationRecord o) => o.Input2 = -1), "'selected': Input2 is -1, which is none of");
        Refuses(Step("sum", (ref OperationRecord o) => o.Input2 = 0), "'sum': Input2 is 0, but its kind has none");
        Refuses(Step("product", (ref OperationRecord o) => o.Input1 = -1), "'product': Input1 is -1, which is none of");
        Refuses(Step("normalised", (ref OperationRecord o) => o.ActivationA = -1), "'normalised': ActivationA -1 and ActivationB 0 are not");
        Refuses(Step("normalised", (ref OperationRecord o) => o.ActivationA = float.NaN), "'normalised': ActivationA NaN and ActivationB 0 are not");
        Refuses(Step("arranged", (ref OperationRecord o) => o.ActivationB = 1), "'arranged': ActivationA 2 and ActivationB 1 are not");
        Refuses(Step("arranged", (ref OperationRecord o) => o.Activation = Activation.Relu), "'arranged': its activation is 1, which its kind");
        Refuses(Step("sum", (ref OperationRecord o) => o.Activation = (Activation)30), "'sum': its activation is 30");
        Refuses(Step("sum", (ref OperationRecord o) => o.Activation = Activation.WrapInteger), "'sum': ActivationA 0 and ActivationB 0 are not");
        Refuses(
            Step("sum", (ref OperationRecord o) => (o.Activation, o.ActivationA) = (Activation.WrapInteger, 8.5f)),
            "'sum': ActivationA 8.5 and ActivationB 0 are not");
        Accepts(Step("sum", (ref OperationRecord o) => (o.Activation, o.ActivationA, o.ActivationB) = (Activation.WrapInteger, 64f, 1f)));
        Accepts(Step("arranged", (ref OperationRecord o) => o.ActivationA = float.NegativeInfinity));
    }

    [Fact]
    public void Broadcasts_are_checked()
    {
        Refuses(Word("sum", 0, 9), "'sum': its rank is 9; 0 to 8 are allowed");
        Refuses(Word("sum", 0, -1), "'sum': its rank is -1");
        Refuses(Word("sum", 0, 1), "'sum': Parameters has 28 bytes, but needs 16");
        Refuses(Word("sum", 1, 0), "'sum': its length 0 is 0, which is not positive");
        Refuses(Word("sum", 1, 5), "'sum': its output has 24 pixels, but its parameters say 20");
        Refuses(Word("sum", 1, int.MaxValue), "'sum': its dimensions have more than");
        Refuses(Word("sum", 2, -4), "'sum': its stride -4 in dimension 0 is negative");
        Refuses(Word("sum", 2, 5), "'sum': its strides reach element 28 of 24");
        Refuses(Word("sum", 2, int.MaxValue), "'sum': its strides reach element 10737418238 of 24");
        Refuses(Word("sum", 6, 8), "'sum': its strides reach element 24 of 24");
        Refuses(Word("selected", 4, 2), "'selected': its strides reach element 46 of 24");
        Refuses(Step("sum", (ref OperationRecord o) => o.Input1 = 5), "'sum': its input has 4 lanes; a planar one is needed");
        Refuses(Step("scaled", (ref OperationRecord o) => o.Input1 = 0), "'scaled': its second input has 1 lanes (1x1) of 3x4 slots of 2x3x4, neither");
        Refuses(Step("scaled", (ref OperationRecord o) => o.Input0 = 5), "'scaled': its input of 2x3x4 and its output of 4x3x4 differ");
    }

    [Fact]
    public void Rearrangements_are_checked()
    {
        Refuses(Word("arranged", 0, 8), "'arranged': Parameters has 64 bytes, but needs 72");
        Refuses(Word("arranged", 1, -1), "'arranged': its offset is -1");
        Refuses(Word("arranged", 1, 1), "'arranged': its strides reach element 24 of 24");
        Refuses(Word("arranged", 1, int.MaxValue), "'arranged': its strides reach element 2147483670 of 24");
        Refuses(Word("arranged", 2, 5), "'arranged': it writes more elements than its output has");
        Refuses(Word("arranged", 2, 3), "'arranged': Parameters has 64 bytes, but needs 60");
        Refuses(Word("arranged", 3, 7), "'arranged': its strides reach element 26 of 24");
        Refuses(Word("arranged", 3, -6), "'arranged': its stride -6 in dimension 0 is negative");
        Refuses(Word("arranged", 6, -2), "'arranged': its place -2 in dimension 0 is below -1");
        Refuses(Word("arranged", 8, 4), "'arranged': its places reach element 24 of 24");
        Refuses(Word("arranged", 15, int.MaxValue), "'arranged': its places reach element 2147483649 of 24");
        Accepts(Word("arranged", 15, -1));
    }

    [Fact]
    public void Channels_are_checked()
    {
        Refuses(Word("first", 0, 4), "'first': it copies channel 1 of 2 to channel 4 of 4");
        Refuses(Word("first", 1, 2), "'first': it copies channel 2 of 2 to channel 0 of 4");
        Refuses(Word("first", 1, -1), "'first': it copies channel -1 of 2 to channel 0 of 4");
        Refuses(Word("first", 2, 0), "'first': it writes channel 0 twice");
        Refuses(Step("first", (ref OperationRecord o) => o.ParameterBytes -= 4), "'first': its parameters are no pairs of channels");
        Refuses(Step("first", (ref OperationRecord o) => o.Input0 = 0), "'first': its input of 3x4 has 1 lanes (1x1) of 3x4 slots, its output of 3x4 has 4 lanes");
    }

    [Fact]
    public void Lines_are_checked()
    {
        Refuses(Word("reduced", 0, 0), "'reduced': its outer length is 0, which is not positive");
        Refuses(Word("reduced", 1, -12), "'reduced': its length is -12, which is not positive");
        Refuses(Word("reduced", 2, 2), "'reduced': its input has 48 pixels, but its parameters say 96");
        Refuses(Step("reduced", (ref OperationRecord o) => o.Output = 12), "'reduced': its output has 12 pixels, but its parameters say 4");
        Refuses(Word("logarithms", 2, int.MaxValue), "'logarithms': its input has 36 pixels, but its parameters say 25769803764");
        Refuses(Word("top", 3, 13), "'top': its k 13 is above the length 12");
        Refuses(Word("top", 3, 2), "'top': its output has 12 pixels, but its parameters say 8");
        Refuses(Word("top", 4, 2), "'top': its k 3 is above the length 12, or its flags 2 and 0 are not 0 or 1");
        Refuses(Word("gathered", 1, 13), "'gathered': its input has 48 pixels, but its parameters say 52");
        Refuses(Word("gathered", 3, 0), "'gathered': its number of indices is 0, which is not positive");
        Refuses(Word("gathered", 3, 3), "'gathered': its input has 4 pixels, but its parameters say 3");
        Refuses(Step("gathered", (ref OperationRecord o) => o.Output = 12), "'gathered': its output has 12 pixels, but its parameters say 16");
        Refuses(Step("gathered", (ref OperationRecord o) => o.Input1 = 5), "'gathered': its input has 4 lanes; a planar one is needed");
        Refuses(Step("gathered", (ref OperationRecord o) => o.Input1 = -1), "'gathered': Input1 is -1, which is none of");
        Refuses(Word("resampled", 4, 3), "'resampled': Parameters has 100 bytes, but needs 140");
        Refuses(Word("resampled", 3, int.MaxValue), "'resampled': Parameters has 100 bytes, but needs 34359738372");
        Refuses(Word("resampled", 5, 3), "'resampled': its tap 0 has the place 3 of 3");
        Refuses(Word("resampled", 14, -1), "'resampled': its tap 9 has the place -1 of 3");
        Refuses(Word("resampled", 15, GeneralCase.Word(float.NaN)), "'resampled': its tap 0 has the place 0 of 3 and the weight NaN");
        Refuses(Word("normalised", 0, 7), "'normalised': its input has 80 pixels, but its parameters say 70");
    }

    [Fact]
    public void Products_responses_and_constants_are_checked()
    {
        Refuses(Word("product", 0, 5), "'product': its output has 36 pixels, but its parameters say 45");
        Refuses(Word("product", 1, 7), "'product': its strides reach element 50 of 48");
        Refuses(Word("product", 1, int.MaxValue), "'product': its strides reach element");
        Refuses(Word("product", 3, 2), "'product': Parameters has 28 bytes, but needs 40");
        Refuses(Word("product", 5, 31), "'product': its strides reach element 81 of 80");
        Refuses(Word("product", 6, 17), "'product': its strides reach element 48 of 48");
        Refuses(Word("response", 0, 0), "'response': its size is 0, which is not positive");
        Refuses(Word("response", 2, GeneralCase.Word(float.PositiveInfinity)), "'response': its alpha 0.5, beta");
        Refuses(Step("constant", (ref OperationRecord o) => o.ParameterBytes -= 4), "'constant': Parameters has 92 bytes");
        Refuses(Step("constant", (ref OperationRecord o) => o.Output = 5), "'constant': its output has 4 lanes; a planar one is needed");
        Refuses(Step("largest", (ref OperationRecord o) => o.Output = 12), "'largest': its output of 12x1x1 is not the vector");
    }

    [Fact]
    public void Lifetimes_are_checked()
    {
        Refuses(Overlay("constant", "x"), "'constant': its output shares memory with an input or another constant");
        Refuses(Overlay("arranged", "constant"), "'arranged': its output shares memory with the constant value 1");
        Refuses(Overlay("sum", "x"), "'sum': its output shares memory with its input 0");
        Refuses(Overlay("selected", "sum"), "'selected': its output shares memory with its input 2");
        Refuses(Overlay("joined", "slots"), "'first': its output shares memory with its input 5");
        Accepts(Overlay("largest", "slots"));
    }

    [Fact]
    public void A_part_is_not_written_to_a_value_of_which_another_has_been_overwritten()
    {
        var blob = new BlobBuilder();
        int x = GeneralCase.Input(blob, "x", 4);
        int y = GeneralCase.Output(blob, 4);
        int over = blob.Vector("over", 4);
        blob.Values[over] = blob.Values[over] with { ArenaOffset = blob.Values[y].ArenaOffset };
        blob.Step("first", OperationKind.Rearrange, x, y, parameters: new[] { 1, 0, 2, 1, 0, 1 });
        blob.Step("second", OperationKind.Rearrange, x, y, parameters: new[] { 1, 2, 2, 1, 0, 1 });
        Accepts(blob);
        blob.Step("between", OperationKind.Activate, x, over, activation: Activation.Relu);
        (blob.Operations[1], blob.Operations[2]) = (blob.Operations[2], blob.Operations[1]);
        Refuses(blob, "operation 2 'second': it writes a part of value 1, of which a part has been overwritten");
    }

    [Fact]
    public void Binary_operations_of_the_same_regions_may_write_in_place()
    {
        var blob = new BlobBuilder();
        int x = GeneralCase.Input(blob, "x", 3);
        int z = GeneralCase.Input(blob, "z", 3);
        blob.Output("y", x, 3);
        blob.Step("sum", OperationKind.Binary, x, x, input1: z);
        Accepts(blob);
        blob.Operations[0] = blob.Operations[0] with { Input0 = z, Input1 = x };
        Accepts(blob);
    }

    private static BlobBuilder Step(string name, Spoil.Change<OperationRecord> change)
    {
        BlobBuilder blob = GeneralNetwork.Build();
        int index = blob.Operations.FindIndex(o => blob.NameOf(o.NameOffset, o.NameLength) == name);
        OperationRecord record = blob.Operations[index];
        change(ref record);
        blob.Operations[index] = record;
        return blob;
    }

    private static BlobBuilder Word(string name, int index, int word)
    {
        BlobBuilder blob = GeneralNetwork.Build();
        blob.Overwrite(Words(blob, name) + ((ulong)index * sizeof(int)), word);
        return blob;
    }

    private static ulong Words(BlobBuilder blob, string name) =>
        blob.Operations.First(o => blob.NameOf(o.NameOffset, o.NameLength) == name).DataParameters;

    private static BlobBuilder Overlay(string name, string over)
    {
        BlobBuilder blob = GeneralNetwork.Build();
        int IndexOf(string value) => blob.Values.FindIndex(v => blob.NameOf(v.NameOffset, v.NameLength) == value);
        ValueRecord moved = blob.Values[IndexOf(name)];
        moved.ArenaOffset = blob.Values[IndexOf(over)].ArenaOffset;
        blob.Values[IndexOf(name)] = moved;
        return blob;
    }

    private static void Accepts(BlobBuilder blob) => Model.FromBytes(blob.Build()).Dispose();

    private static void Refuses(BlobBuilder blob, string message)
    {
        var error = Assert.Throws<BlobFormatException>(() => Model.FromBytes(blob.Build()));
        Assert.Contains(message, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }
}
