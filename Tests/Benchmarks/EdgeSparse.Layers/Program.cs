using System.CommandLine;
using System.Globalization;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Compiler.Verification.Xnnpack;
using EdgeSparse.Layers;
using EdgeSparse.Runtime;

Option<string> filter = new("--filter") { Description = "only layers whose name and pruning have this text", DefaultValueFactory = _ => "" };
Option<double> seconds = new("--seconds") { Description = "for each layer", DefaultValueFactory = _ => 2 };
Option<int> threads = new("--threads") { Description = "of both runtimes", DefaultValueFactory = _ => 1 };
Option<int> lanes = new("--lanes") { Description = "floats of a vector", DefaultValueFactory = _ => 16 };
Option<string?> format = new("--format") { Description = "the weight's format instead of the chosen one" };
Option<string?> costs = new("--costs") { Description = "a cost table to choose by" };
Option<string> set = new("--layers") { Description = "issue, xnnpack, blocks, sparsities, linear or dense", DefaultValueFactory = _ => "issue" };
Option<string?> network = new("--network") { Description = "a network of the zoo, or an ONNX file, instead of single layers" };
Option<double> sparsity = new("--sparsity") { Description = "of the network's pruned layers", DefaultValueFactory = _ => 0.9 };
Option<int> blockRows = new("--block-rows") { Description = "of the network's pruned blocks", DefaultValueFactory = _ => 1 };
Option<string?> folder = new("--write") { Description = "a folder for the network's ONNX model and blob" };
Option<string[]> blobs = new("--blobs") { Description = "two blobs to compare with each other, and nothing else", HelpName = "BEFORE.esb AFTER.esb", Arity = new ArgumentArity(2, 2), AllowMultipleArgumentsPerToken = true };
Option<string?> data = new("--data") { Description = "a data set whose test samples the two blobs run" };
Option<string?> spread = new("--write-spread") { Description = "write an ONNX model of layers to fit costs to, and measure nothing", HelpName = "FILE.onnx" };
Option<string[]> zeros = new("--write-zero-spread") { Description = "the same of layers whose inputs are mostly zeros, and samples for them", HelpName = "FILE.onnx SAMPLES.npy", Arity = new ArgumentArity(2, 2), AllowMultipleArgumentsPerToken = true };
RootCommand command = new("Single layers in EdgeSparse and ONNX Runtime, measured in turns.") { filter, seconds, threads, lanes, format, costs, set, network, sparsity, blockRows, folder, blobs, data, spread, zeros };
command.SetAction(arguments =>
{
    if (arguments.GetValue(spread) is { } file)
    {
        OnnxExporter.Write(CostSpread.ToGraph(), file);
        return 0;
    }

    if (arguments.GetValue(zeros) is { Length: > 0 } files)
    {
        OnnxExporter.Write(ZeroSpread.ToGraph(), files[0]);
        ZeroSpread.WriteSamples(files[1]);
        return 0;
    }

    if (arguments.GetValue(blobs) is { Length: > 0 } pair)
    {
        Dataset? samples = arguments.GetValue(data) is { } dataName ? DatasetCatalog.Open(dataName, new DataLocations(), IProgressSink.Silent) : null;
        BlobContest.Run(pair, arguments.GetValue(threads), arguments.GetValue(seconds), samples?.Test);
        return 0;
    }

    PackOptions options = new()
    {
        Lanes = arguments.GetValue(lanes),
        Costs = arguments.GetValue(costs) is { } table
            ? CostTable.Read(table).Targets.First(t => t.Lanes == arguments.GetValue(lanes)).Costs
            : null,
    };
    if (arguments.GetValue(network) is { } path && path.EndsWith(".onnx", StringComparison.Ordinal))
    {
        ImportedNetwork.Run(path, arguments.GetValue(sparsity), options, arguments.GetValue(threads), arguments.GetValue(seconds));
        return 0;
    }

    if (arguments.GetValue(network) is { } name)
    {
        NetworkContest.Run(
            name, arguments.GetValue(sparsity), arguments.GetValue(blockRows), options, arguments.GetValue(threads),
            arguments.GetValue(seconds), arguments.GetValue(folder));
        return 0;
    }

    bool againstXnnpack = arguments.GetValue(set) == "xnnpack";
    if (againstXnnpack && XnnpackLibrary.WhyUnavailable is { } reason)
    {
        Console.Error.WriteLine($"error: {reason}");
        return 1;
    }

    if (againstXnnpack)
    {
        Console.WriteLine(PeerContest.Header);
    }
    else
    {
        Console.WriteLine("| layer | pruning | format, kernel | layer µs | session µs | ONNX Runtime µs | ratio, p5–p95 | session's ratio |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
    }

    foreach (LayerCase layer in LayerCases.Of(arguments.GetValue(set)!))
    {
        if (!$"{layer.Name} {layer.Pruning}".Contains(arguments.GetValue(filter)!, StringComparison.Ordinal))
        {
            continue;
        }

        Graph graph = layer.ToGraph();
        if (arguments.GetValue(format) is { } wanted)
        {
            options = options with { Formats = options.Formats.SetItem("layer", WeightLayouts.Parse(wanted)) };
        }

        using Model model = Model.FromBytes(Packer.Pack(graph, options).Bytes.Span);
        using Session session = model.CreateSession(new SessionOptions { Threads = arguments.GetValue(threads) });
        if (againstXnnpack)
        {
            Console.WriteLine(PeerContest.Run(layer, graph, model, session, arguments.GetValue(threads), arguments.GetValue(seconds)));
            continue;
        }

        using OnnxRuntimeModel peer = new(OnnxExporter.ToBytes(graph), arguments.GetValue(threads));
        int index = Array.FindIndex([.. model.Layers], l => l.Name == "layer" && l.Rows > 0);
        Times times = Contest.Run(session, index, model.Layers.Count, peer, arguments.GetValue(seconds));
        string Microseconds(double[] values) => Times.Spread(values).Median.ToString("0.0", CultureInfo.InvariantCulture);
        (double median, double p5, double p95) = times.Ratio;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {layer.Name} | {layer.Pruning} | {model.Layers[index].Kernel} | {Microseconds(times.Layer)} | {Microseconds(times.Session)} | {Microseconds(times.Peer)} | {median:0.00}×, {p5:0.00}–{p95:0.00} | {times.SessionRatio.Median:0.00}× |"));
    }

    return 0;
});
return command.Parse(args).Invoke();
