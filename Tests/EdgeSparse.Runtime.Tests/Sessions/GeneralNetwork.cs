using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Blob;
using EdgeSparse.Runtime.Tests.Kernels;

namespace EdgeSparse.Runtime.Tests.Sessions;

/// <summary>A network with every operation that has parameters, small enough to spoil each of its bytes in turn.</summary>
internal static class GeneralNetwork
{
    /// <summary>2×3×4 numbers to the logarithms of 36 probabilities and four indices.</summary>
    public static BlobBuilder Build()
    {
        var blob = new BlobBuilder { Metadata = "{}" };
        int x = blob.Value("x", 2, 3, 4);
        blob.Input("x", x, 1, 2, 1, 3, 4);
        int planar = AddPlanar(blob, x);
        int maps = AddMaps(blob, planar);
        AddLines(blob, maps);
        return blob;
    }

    private static int AddPlanar(BlobBuilder blob, int x)
    {
        int constant = blob.Vector("constant", 24);
        int sum = blob.Vector("sum", 24);
        int selected = blob.Vector("selected", 24);
        int arranged = blob.Value("arranged", 2, 3, 4);
        blob.Step("constant", OperationKind.Constant, -1, constant, parameters: SparseCase.Values(new Random(5), 24));
        blob.Step(
            "sum", OperationKind.Binary, x, sum, input1: constant, activation: Activation.Tanh, parameters: new[] { 2, 6, 4, 0, 4, 1, 1 });
        blob.Step("selected", OperationKind.Select, sum, selected, input1: x, input2: constant, parameters: new[] { 1, 24, 1, 1, 1 });
        blob.Step(
            "arranged", OperationKind.Rearrange, selected, arranged, new OperationRecord { ActivationA = 2f },
            parameters: new[] { 2, 0, 4, 6, 6, 1, 0, 1, 2, -1, 0, 4, 8, 12, 16, 20 });
        return arranged;
    }

    private static int AddMaps(BlobBuilder blob, int planar)
    {
        Slots framed = Slots.Grid(2, 2, halo: 1);
        int slots = blob.Value("slots", 2, 3, 4, framed);
        int joined = blob.Value("joined", 4, 3, 4, framed);
        int largest = blob.Vector("largest", 4);
        int response = blob.Value("response", 4, 3, 4, Slots.Grid(2, 2));
        int scaled = blob.Value("scaled", 4, 3, 4, framed);
        int maps = blob.Value("maps", 4, 3, 4);
        blob.Step("slots", OperationKind.Relayout, planar, slots);
        blob.Step("first", OperationKind.Channels, slots, joined, parameters: new[] { 0, 1, 2, 0 });
        blob.Step("second", OperationKind.Channels, slots, joined, parameters: new[] { 1, 0, 3, 1 });
        blob.Step("largest", OperationKind.GlobalMaxPool, joined, largest);
        int[] response3 = [3, GeneralCase.Word(0.5f), GeneralCase.Word(0.75f), GeneralCase.Word(1f)];
        blob.Step("response", OperationKind.LocalResponse, joined, response, parameters: response3);
        blob.Step("scaled", OperationKind.Binary, response, scaled, new OperationRecord { Function = 2 }, input1: largest);
        blob.Step("maps", OperationKind.Relayout, scaled, maps);
        return maps;
    }

    private static void AddLines(BlobBuilder blob, int maps)
    {
        int reduced = blob.Vector("reduced", 4);
        int top = blob.Vector("top", 12);
        int gathered = blob.Vector("gathered", 16);
        int resampled = blob.Vector("resampled", 80);
        int normalised = blob.Vector("normalised", 80);
        int product = blob.Vector("product", 36);
        int logarithms = blob.Vector("logarithms", 36);
        blob.Step("reduced", OperationKind.Reduce, maps, reduced, new OperationRecord { Function = 5 }, parameters: new[] { 4, 12, 1 });
        blob.Step("top", OperationKind.TopK, maps, top, parameters: new[] { 4, 12, 1, 3, 1, 0 });
        blob.Step("gathered", OperationKind.Gather, maps, gathered, input1: reduced, parameters: new[] { 4, 12, 1, 4 });
        int[] places = [0, 1, 1, 2, 2, 2, 0, 0, 1, 1];
        int[] halves = [.. places.Select(_ => GeneralCase.Word(0.5f))];
        blob.Step("resampled", OperationKind.Resample, maps, resampled, parameters: (int[])[4, 3, 4, 5, 2, .. places, .. halves]);
        blob.Step(
            "normalised", OperationKind.Normalise, resampled, normalised, new OperationRecord { ActivationA = 1e-5f },
            parameters: new[] { 8, 10 });
        blob.Step("product", OperationKind.MatMul, normalised, product, input1: maps, parameters: new[] { 4, 5, 3, 1, 3, 20, 15 });
        blob.Step(
            "logarithms", OperationKind.Softmax, product, logarithms, new OperationRecord { Function = 1 }, parameters: new[] { 3, 4, 3 });
        blob.Output("logarithms", logarithms, 1, 36);
        blob.Output("reduced", reduced, 4);
        blob.Output("top", top, 4, 3);
        blob.Output("gathered", gathered, 4, 4);
    }
}
