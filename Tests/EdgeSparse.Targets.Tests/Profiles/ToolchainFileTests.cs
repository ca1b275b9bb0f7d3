using System.Text;
using System.Text.Json;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Targets.Tests.Profiles;

public class ToolchainFileTests
{
    private const string Valid = """
        {
          // a comment
          "buildTools": [{ "command": "clang", "package": "clang" }],
          "platforms": [{ "rid": "linux-x64", "crossTools": [], "crossProperties": {} }],
          "targets": [
            { "id": "pc", "description": "a PC", "rid": "linux-x64", "instructionSet": "x86-64-v3", "vectorLanes": 8 },
          ]
        }
        """;

    [Fact]
    public void The_shipped_file_describes_the_devices_of_the_architecture() =>
        Assert.Equal(
            ["linux-x64", "linux-x64-v3", "linux-x64-avx512", "linux-arm64", "rpi3", "rpi-zero2", "rpi4", "rpi5", "jetson-nano", "jetson-orin", "android-arm64", "linux-musl-arm64", "host"],
            ToolchainFile.Read().TargetIds);

    [Theory]
    [InlineData("linux-x64", "linux-x64", "x86-64-v2", 4)]
    [InlineData("linux-x64-v3", "linux-x64", "x86-64-v3", 8)]
    [InlineData("linux-x64-avx512", "linux-x64", "x86-64-v4", 16)]
    [InlineData("rpi4", "linux-arm64", "armv8-a", 4)]
    [InlineData("rpi5", "linux-arm64", "armv8.2-a,dotprod", 4)]
    [InlineData("android-arm64", "linux-bionic-arm64", "armv8-a", 4)]
    public void A_shipped_target_has_its_platform_instructions_and_lanes(string id, string rid, string instructionSet, int lanes)
    {
        TargetProfile target = ToolchainFile.Read().Find(id);
        Assert.Equal((rid, instructionSet, lanes), (target.Rid, target.InstructionSet, target.VectorLanes));
    }

    [Fact]
    public void A_shipped_target_has_the_cores_and_the_memory_of_its_least_device_and_a_meter_where_it_brings_one()
    {
        Toolchain shipped = ToolchainFile.Read();
        TargetProfile orin = shipped.Find("jetson-orin");
        Assert.Equal((6, 4096, 4294967296L, "hwmon:ina3221/VDD_IN"), (orin.Cores, orin.MemoryMegabytes, orin.MemoryBytes, orin.Meter));
        TargetProfile pi = shipped.Find("rpi4");
        Assert.Equal((4, 1024, null, null), (pi.Cores, pi.MemoryMegabytes, pi.Meter, pi.Formats));
        TargetProfile pc = shipped.Find("linux-x64");
        Assert.Equal((null, null, "rapl"), (pc.Cores, pc.MemoryBytes, pc.Meter));
    }

    [Fact]
    public void Comments_and_trailing_commas_are_allowed() =>
        Assert.Equal("pc", Parse(Valid).Targets.Single().Id);

    [Fact]
    public void An_unknown_key_is_refused_with_its_place()
    {
        string message = ErrorOf(Valid.Replace("\"rid\": \"linux-x64\", \"inst", "\"rdi\": \"linux-x64\", \"inst", StringComparison.Ordinal));
        Assert.StartsWith("t.json(6,", message, StringComparison.Ordinal);
        Assert.Contains("'rdi'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_key_is_refused_by_name() =>
        Assert.Contains("'instructionSet'", ErrorOf(Valid.Replace("\"instructionSet\": \"x86-64-v3\", ", "", StringComparison.Ordinal)), StringComparison.Ordinal);

    [Fact]
    public void A_value_of_the_wrong_type_is_refused_with_its_place() =>
        Assert.StartsWith("t.json(6,", ErrorOf(Valid.Replace("\"vectorLanes\": 8", "\"vectorLanes\": \"8\"", StringComparison.Ordinal)), StringComparison.Ordinal);

    [Fact]
    public void A_file_cut_off_is_refused_with_its_place() =>
        Assert.StartsWith("t.json(4,", ErrorOf(Valid[..Valid.IndexOf("\"rid\"", StringComparison.Ordinal)]), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"vectorLanes\": 8", "\"vectorLanes\": 7", "t.json: the target 'pc' has 7 vectorLanes; allowed: 4, 8, 16")]
    [InlineData("\"pc\"", "\"host\"", "t.json: the target 'host' stands there twice, or has a reserved name")]
    [InlineData("\"a PC\", \"rid\": \"linux-x64\"", "\"a PC\", \"rid\": \"linux-x46\"", "t.json: the target 'pc' has the rid 'linux-x46', for which there is no platform; allowed: linux-x64")]
    [InlineData("\"vectorLanes\": 8", "\"vectorLanes\": 8, \"cores\": 0", "t.json: the target 'pc' has 0 cores; allowed: 1 to 1024")]
    [InlineData("\"vectorLanes\": 8", "\"vectorLanes\": 8, \"memoryMegabytes\": 7", "t.json: the target 'pc' has 7 memoryMegabytes; allowed: 8 to 16777216")]
    [InlineData("\"vectorLanes\": 8", "\"vectorLanes\": 8, \"formats\": []", "t.json: the target 'pc' has formats without a name in them, or with one twice; leave them out to allow all")]
    [InlineData("\"vectorLanes\": 8", "\"vectorLanes\": 8, \"formats\": [\"csr\", \"csr\"]", "t.json: the target 'pc' has formats without a name in them, or with one twice; leave them out to allow all")]
    [InlineData(", \"package\": \"clang\"", "", "t.json: the tool 'clang' needs either 'command' or 'file', and either 'package' or 'advice'")]
    public void A_value_that_makes_no_sense_is_refused_with_what_is_allowed(string found, string replaced, string expected) =>
        Assert.Equal(expected, ErrorOf(Valid.Replace(found, replaced, StringComparison.Ordinal)));

    [Fact]
    public void An_unknown_instruction_set_is_refused() =>
        Assert.StartsWith(
            "t.json: the target 'pc' has the instruction set 'x86-64-v9'; allowed: x86-64-v2, x86-64-v3",
            ErrorOf(Valid.Replace("x86-64-v3", "x86-64-v9", StringComparison.Ordinal)),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("x86-64-v3", "armv8-a", "t.json: the target 'pc' has the rid 'linux-x64' and the instruction set 'armv8-a', which is another processor's")]
    [InlineData("\"vectorLanes\": 8", "\"vectorLanes\": 16", "t.json: the target 'pc' has 16 vectorLanes, but vectors of 'x86-64-v3' hold 8 numbers")]
    public void Fields_that_contradict_each_other_are_refused(string found, string replaced, string expected) =>
        Assert.Equal(expected, ErrorOf(Valid.Replace(found, replaced, StringComparison.Ordinal)));

    [Fact]
    public void A_file_of_ones_own_changes_and_adds_targets()
    {
        Toolchain merged = ParseOver("""
            {
              "targets": [
                { "id": "pc", "publishProperties": { "StripSymbols": "false" }, "cores": 2, "memoryMegabytes": 64, "formats": ["csr", "dense"], "meter": "rapl" },
                { "id": "old", "description": "an old PC", "rid": "linux-x64", "instructionSet": "x86-64-v2", "vectorLanes": 4 },
              ]
            }
            """);
        Assert.Equal(["pc", "old", "host"], merged.TargetIds);
        TargetProfile pc = merged.Find("pc");
        Assert.Equal(("a PC", "x86-64-v3", 8, "false"), (pc.Description, pc.InstructionSet, pc.VectorLanes, pc.PublishProperties["StripSymbols"]));
        Assert.Equal((2, 67108864L, "rapl"), (pc.Cores, pc.MemoryBytes, pc.Meter));
        Assert.Equal(["csr", "dense"], pc.Formats!.Value);
        Assert.Equal("clang", merged.BuildTools.Single().Command);
    }

    [Theory]
    [InlineData("""{ "targets": [{ "id": "new", "rid": "linux-x64" }] }""", "own.json: the target 'new' is a new one and needs 'description'")]
    [InlineData("""{ "targets": [{ "id": "pc", "vectorLanes": 16 }] }""", "own.json: the target 'pc' has 16 vectorLanes, but vectors of 'x86-64-v3' hold 8 numbers")]
    [InlineData("""{ "targets": [{ "id": "pc", "lanes": 4 }] }""", "own.json(1,")]
    [InlineData("""{ "targets": [{ "rid": "linux-x64" }] }""", "own.json(1,")]
    public void A_file_of_ones_own_is_checked_as_the_shipped_one_is(string json, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<TargetsException>(() => ParseOver(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_schema_names_the_fields_that_are_read()
    {
        using JsonDocument schema = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(SourceTree.Above(AppContext.BaseDirectory)!.Root, "docs", "toolchain.schema.json")));
        JsonElement definitions = schema.RootElement.GetProperty("$defs");
        AssertNames<ToolchainOverlay>(schema.RootElement);
        AssertNames<TargetOverlay>(definitions.GetProperty("target"));
        AssertNames<Platform>(definitions.GetProperty("platform"));
        AssertNames<RequiredTool>(definitions.GetProperty("tool"));
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.StartsWith("cannot read the targets from 'no/such.json': ", Assert.Throws<TargetsException>(() => ToolchainFile.Read("no/such.json")).Message, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_target_is_refused_with_those_there_are() =>
        Assert.Equal("there is no target 'pcc'; there are pc, host", Assert.Throws<TargetsException>(() => Parse(Valid).Find("pcc")).Message);

    private static Toolchain Parse(string json) => ToolchainFile.Parse(Encoding.UTF8.GetBytes(json), "t.json");

    private static Toolchain ParseOver(string json) => ToolchainFile.ParseOver(Parse(Valid), Encoding.UTF8.GetBytes(json), "own.json");

    private static void AssertNames<T>(JsonElement schema) => Assert.Equal(
        typeof(T).GetProperties().Select(p => p.Name == "Schema" ? "$schema" : JsonNamingPolicy.CamelCase.ConvertName(p.Name)).Order(StringComparer.Ordinal),
        schema.GetProperty("properties").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));

    private static string ErrorOf(string json) => Assert.Throws<TargetsException>(() => Parse(json)).Message;
}
