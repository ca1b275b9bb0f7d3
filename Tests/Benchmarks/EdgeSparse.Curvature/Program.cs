using System.CommandLine;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Curvature;
using EdgeSparse.Runtime;

Option<string> data = new("--data") { Description = "mnist, or another set of 28×28 grey pictures", DefaultValueFactory = _ => "mnist" };
Option<int> samples = new("--samples") { Description = "pictures to train on and to take gradients of", DefaultValueFactory = _ => 4000 };
Option<int> hidden = new("--hidden") { Description = "neurons of the hidden layer", DefaultValueFactory = _ => 16 };
Option<int> steps = new("--steps") { Description = "of training", DefaultValueFactory = _ => 4000 };
Option<double> dampening = new("--dampening") { Description = "λ at least; the Hessian's lowest eigenvalue may ask for more", DefaultValueFactory = _ => 1e-4 };
Option<int> seed = new("--seed") { Description = "of the first weights and the random sets", DefaultValueFactory = _ => 1 };
Command approximation = new("approximation", "compares inverses with the exact one of a small network") { data, samples, hidden, steps, dampening, seed };
approximation.SetAction(arguments =>
{
    DigitNetwork network = DigitNetwork.Train(
        DatasetCatalog.Open(arguments.GetValue(data)!, new DataLocations()).Train.Take(arguments.GetValue(samples)),
        arguments.GetValue(hidden), arguments.GetValue(steps), arguments.GetValue(seed));
    new ApproximationTable(network, arguments.GetValue(dampening), arguments.GetValue(seed)).Print();
});

Option<int> gradients = new("--gradients") { Description = "N", DefaultValueFactory = _ => 1000 };
Command speed = new("speed", "measures inverses of layers of ResNet-20 with random gradients") { gradients };
speed.SetAction(arguments => SpeedTable.Print(arguments.GetValue(gradients)));

RootCommand command = new("Approximations of the inverse Hessian, compared and measured.") { approximation, speed };
TorchLibrary.EnsureLoaded();
try
{
    return command.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (EdgeSparseException error)
{
    Console.Error.WriteLine($"error: {error.Message}");
    return 1;
}
