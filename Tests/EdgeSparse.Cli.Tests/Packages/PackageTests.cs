using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;

namespace EdgeSparse.Cli.Tests.Packages;

/// <summary>What is in the packages.</summary>
[Trait("Speed", "slow")]
public class PackageTests(PackedProducts products)
{
    private const string Version = "0.1.0";
    private const string ToolFolder = "tools/net10.0/linux-x64/";

    /// <summary>Bytes. One platform's native libraries take 150 MB; those of all platforms would be three times as many.</summary>
    private const long LargestPackage = 200_000_000;

    public static TheoryData<string> Names => ["EdgeSparse.Runtime", "EdgeSparse.Energy", "EdgeSparse.Tool", "EdgeSparse.Tool.linux-x64"];

    public static TheoryData<string> Libraries => ["EdgeSparse.Runtime", "EdgeSparse.Energy"];

    [Fact]
    public void Packing_gives_two_libraries_the_tool_and_the_tools_part_for_one_platform()
    {
        FileInfo[] packages = new DirectoryInfo(products.Packages).GetFiles("*.nupkg");
        Assert.Equal(
            [$"EdgeSparse.Energy.{Version}.nupkg", $"EdgeSparse.Runtime.{Version}.nupkg", $"EdgeSparse.Tool.{Version}.nupkg", $"EdgeSparse.Tool.linux-x64.{Version}.nupkg"],
            packages.Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.All(packages, p => Assert.InRange(p.Length, 1, LargestPackage));
        Assert.InRange(packages.Single(p => p.Name.StartsWith("EdgeSparse.Runtime", StringComparison.Ordinal)).Length, 1, 1_000_000);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_package_has_its_licence_and_readme(string name)
    {
        Dictionary<string, Func<byte[]>> files = products.Files($"{name}.{Version}.nupkg");
        XElement nuspec = Nuspec(files);

        Assert.Equal(("expression", "MIT"), ((string?)Value(nuspec, "license").Attribute("type"), Value(nuspec, "license").Value));
        Assert.Equal("README.md", Value(nuspec, "readme").Value);
        Assert.Contains("MIT License", Encoding.UTF8.GetString(files["LICENSE"]()), StringComparison.Ordinal);
        string heading = name.StartsWith("EdgeSparse.Tool", StringComparison.Ordinal) ? "EdgeSparse.Tool" : name;
        Assert.StartsWith($"# {heading}\n", Encoding.UTF8.GetString(files["README.md"]()), StringComparison.Ordinal);
        Assert.NotEqual("Package Description", Value(nuspec, "description").Value);
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_library_comes_with_documentation_and_with_symbols_that_have_its_sources(string name)
    {
        Dictionary<string, Func<byte[]>> files = products.Files($"{name}.{Version}.nupkg");
        Assert.Equal(
            [$"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml"],
            files.Keys.Where(f => f.StartsWith("lib/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

        byte[] symbols = products.Files($"{name}.{Version}.snupkg")[$"lib/net10.0/{name}.pdb"]();
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(symbols));
        MetadataReader reader = provider.GetMetadataReader();
        Guid embeddedSource = new("0e8a571b-6926-466e-b4ad-8ab04611f5fe");
        Assert.All(
            reader.Documents,
            d => Assert.Contains(reader.GetCustomDebugInformation(d), i => reader.GetGuid(reader.GetCustomDebugInformation(i).Kind) == embeddedSource));
    }

    /// <summary>Versions are pinned centrally, so that what the runtime brings along stands in the other package too.</summary>
    [Fact]
    public void Libraries_need_no_packages_but_those_that_they_are_known_for()
    {
        Assert.Equal(["System.IO.Hashing", "System.Numerics.Tensors"], Dependencies("EdgeSparse.Runtime"));
        Assert.Equal(["EdgeSparse.Runtime", "System.Device.Gpio", "System.IO.Hashing", "System.Numerics.Tensors"], Dependencies("EdgeSparse.Energy"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_path_of_the_machine_that_packed_is_in_a_package(string name)
    {
        byte[] root = Encoding.UTF8.GetBytes(PackedProducts.RepositoryRoot);
        byte[] wideRoot = Encoding.Unicode.GetBytes(PackedProducts.RepositoryRoot);
        foreach ((string file, Func<byte[]> read) in products.Files($"{name}.{Version}.nupkg"))
        {
            // Native libraries of others come as they are.
            if (!file.Contains(".so", StringComparison.Ordinal))
            {
                byte[] bytes = read();
                Assert.True(bytes.AsSpan().IndexOf(root) < 0 && bytes.AsSpan().IndexOf(wideRoot) < 0, $"{file} names {PackedProducts.RepositoryRoot}");
            }
        }
    }

    [Fact]
    public void Symbols_name_sources_relative_to_the_repository()
    {
        Dictionary<string, Func<byte[]>> tool = products.Files($"EdgeSparse.Tool.linux-x64.{Version}.nupkg");
        string[] own = ["edgesparse", "EdgeSparse.Compiler", "EdgeSparse.Energy", "EdgeSparse.Runtime", "EdgeSparse.Targets"];
        IEnumerable<byte[]> symbols = own.Select(n => tool[$"{ToolFolder}{n}.pdb"]())
            .Concat(Libraries.Select(l => products.Files($"{l.Data}.{Version}.snupkg")[$"lib/net10.0/{l.Data}.pdb"]()));
        foreach (byte[] pdb in symbols)
        {
            using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(pdb));
            MetadataReader reader = provider.GetMetadataReader();
            Assert.NotEmpty(reader.Documents);
            Assert.All(reader.Documents, d => Assert.StartsWith("/_/", reader.GetString(reader.GetDocument(d).Name), StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_tool_carries_the_sources_of_the_firmware_and_the_licences_of_what_it_carries_besides()
    {
        string[] files = [.. products.Files($"EdgeSparse.Tool.linux-x64.{Version}.nupkg").Keys];
        Assert.Contains($"{ToolFolder}sources/Targets/EdgeSparse.Firmware/EdgeSparse.Firmware.csproj", files);
        Assert.Contains($"{ToolFolder}sources/Runtime/EdgeSparse.Runtime/Kernels/KernelTable.cs", files);
        Assert.Contains($"{ToolFolder}sources/Shipped.props", files);
        Assert.DoesNotContain(files, f => f.Contains("sources/Compiler", StringComparison.Ordinal));
        Assert.All(
            (string[])["TorchSharp/LICENSE.txt", "libtorch-cpu-linux-x64/LICENSE-LIBTORCH.txt", "Microsoft.ML.OnnxRuntime/ThirdPartyNotices.txt", "SSH.NET/package.xml"],
            f => Assert.Contains($"{ToolFolder}licences/{f}", files));
    }

    /// <summary>docs/decisions/0005-torchsharp-scalars.md: optimised, it is wrong once in some millions of calls.</summary>
    [Fact]
    public void TorchSharp_in_the_tool_is_marked_not_to_be_optimised()
    {
        byte[] assembly = products.Files($"EdgeSparse.Tool.linux-x64.{Version}.nupkg")[$"{ToolFolder}TorchSharp.dll"]();
        using PEReader file = new(new MemoryStream(assembly));
        MetadataReader reader = file.GetMetadataReader();
        byte[] debuggable = reader.GetAssemblyDefinition().GetCustomAttributes().Select(reader.GetCustomAttribute)
            .Where(a => TypeOf(reader, a) == "DebuggableAttribute").Select(a => reader.GetBlobBytes(a.Value)).Single();

        // A prolog of two bytes, then DebuggingModes: Default | IgnoreSymbolStoreSequencePoints | DisableOptimizations.
        Assert.Equal(0x103, BitConverter.ToInt32(debuggable, 2));
    }

    private static string TypeOf(MetadataReader reader, CustomAttribute attribute) =>
        reader.GetString(reader.GetTypeReference((TypeReferenceHandle)reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent).Name);

    private IEnumerable<string> Dependencies(string name) =>
        Nuspec(products.Files($"{name}.{Version}.nupkg")).Descendants().Where(e => e.Name.LocalName == "dependency").Select(e => (string)e.Attribute("id")!).Order(StringComparer.Ordinal);

    private static XElement Nuspec(Dictionary<string, Func<byte[]>> files) =>
        XElement.Load(new MemoryStream(files.Single(f => f.Key.EndsWith(".nuspec", StringComparison.Ordinal) && !f.Key.Contains('/')).Value()));

    private static XElement Value(XElement nuspec, string name) => nuspec.Descendants().Single(e => e.Name.LocalName == name);
}
