using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace EdgeSparse.Firmware.Tests.Serving;

public class ServeTests(FirmwareFixture firmware)
{
    [Fact]
    public void Requests_are_answered_on_a_Unix_socket_and_SIGTERM_ends_it_cleanly()
    {
        string socket = firmware.NewFile(".sock");
        using BackgroundProcess server = Start(firmware.Write(".esb", SmallNetworks.Scaled(2)), socket);
        using (ServeClient client = new(socket))
        {
            Assert.Equal([20, 1], client.Infer(1, 2, 3, 4));
            Assert.Equal([-8, 1], client.Infer(-1, -1, -1, -1));
            JsonElement state = JsonDocument.Parse(client.AskState()).RootElement;
            Assert.Equal(2, state.GetProperty("runs").GetInt64());
            Assert.Equal("[1,4]", state.GetProperty("inputs")[0].GetProperty("shape").GetRawText());
            Assert.Equal(client.AskState() + "\n", firmware.Run("--ask", $"unix:{socket}").Output);
        }

        server.Signal(BackgroundProcess.Terminate);
        Assert.Equal(0, server.Wait());
        Assert.False(File.Exists(socket));
        Assert.Equal("", server.Output);
    }

    [Fact]
    public void Requests_are_answered_on_a_TCP_port()
    {
        int port = FreePort();
        using BackgroundProcess server = new(
            firmware.Published.Executable, null, firmware.Write(".esb", SmallNetworks.Scaled(2)), "--serve", $"tcp:127.0.0.1:{port}");
        server.WaitUntil(() => server.Error.StartsWith("serving ", StringComparison.Ordinal), "the server does not start");
        using ServeClient client = new(port);
        Assert.Equal([20, 1], client.Infer(1, 2, 3, 4));
        Assert.StartsWith("{\"model\":", firmware.Run("--ask", $"tcp:localhost:{port}").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Requests_sent_together_are_answered_in_their_order()
    {
        string socket = firmware.NewFile(".sock");
        using BackgroundProcess server = Start(firmware.Write(".esb", SmallNetworks.Scaled(1)), socket);
        using ServeClient client = new(socket);
        for (int i = 0; i < 100; i++)
        {
            client.Send(ServeClient.Run, BitConverter.IsLittleEndian ? [.. BitConverter.GetBytes((float)i), .. new byte[12]] : []);
        }

        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(i, BitConverter.ToSingle(client.Receive().Payload));
        }
    }

    [Fact]
    public void A_request_that_means_nothing_gets_one_clear_line_and_disturbs_nobody()
    {
        string socket = firmware.NewFile(".sock");
        using BackgroundProcess server = Start(firmware.Write(".esb", SmallNetworks.Scaled(1)), socket);
        using ServeClient good = new(socket);
        using ServeClient bad = new(socket);
        Assert.Equal("the inputs have 3 bytes; this model takes 16, 4 numbers of 4 bytes", bad.AskForError(ServeClient.Run, [1, 2, 3]));
        Assert.Equal("the request has the kind 9 and 0 bytes; possible are 1 with the inputs, and 2 without any", bad.AskForError(9, []));
        Assert.Equal("the request has the kind 2 and 1 bytes; possible are 1 with the inputs, and 2 without any", bad.AskForError(ServeClient.State, [0]));
        bad.SendBytes([0, 0, 0, 0]);
        Assert.Equal(ServeClient.Error, bad.Receive().Kind);
        Assert.Equal([10, 1], bad.Infer(1, 2, 3, 4));

        bad.SendBytes([0xFF, 0xFF, 0xFF, 0x7F, 1]);
        (byte kind, byte[] text) = bad.Receive();
        Assert.Equal(ServeClient.Error, kind);
        Assert.Equal("the request has 2147483647 bytes; this model's largest has 17: the connection is closed", System.Text.Encoding.UTF8.GetString(text));
        Assert.True(bad.IsClosed());
        Assert.Equal([10, 1], good.Infer(1, 2, 3, 4));
        Assert.Contains("\"errors\":5", good.AskState(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_that_sends_half_a_request_or_takes_no_answers_holds_up_nobody()
    {
        string socket = firmware.NewFile(".sock");
        using BackgroundProcess server = Start(firmware.Write(".esb", SmallNetworks.Scaled(1)), socket);
        using ServeClient half = new(socket);
        half.SendBytes([17, 0, 0, 0, 1, 0]);
        using ServeClient deaf = new(socket);
        deaf.SendBytes([.. Enumerable.Repeat<byte[]>([1, 0, 0, 0, ServeClient.State], 2000).SelectMany(f => f)]);

        using ServeClient good = new(socket);
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal([i, 1], good.Infer(i, 0, 0, 0));
        }

        half.SendBytes([0, 0x80, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        Assert.Equal(1, BitConverter.ToSingle(half.Receive().Payload));
        server.Signal(BackgroundProcess.Terminate);
        Assert.Equal(0, server.Wait());
    }

    [Fact]
    public void A_model_is_swapped_with_no_request_lost()
    {
        string model = firmware.Write(".esb", SmallNetworks.Scaled(1));
        string socket = firmware.NewFile(".sock");
        using BackgroundProcess server = Start(model, socket);
        using ServeClient client = new(socket);
        int answered = 0;
        for (int factor = 2; factor <= 4; factor++)
        {
            File.WriteAllBytes(model + ".new", SmallNetworks.Scaled(factor));
            File.Move(model + ".new", model, overwrite: true);
            float found;
            do
            {
                found = client.Infer(1, 0, 0, 0)[0];
                Assert.True(found == factor || found == factor - 1, $"{found}");
                answered++;
            }
            while (found != factor);
        }

        JsonElement state = JsonDocument.Parse(client.AskState()).RootElement;
        Assert.Equal((3, answered, 0L), (state.GetProperty("swaps").GetInt32(), state.GetProperty("runs").GetInt32(), state.GetProperty("errors").GetInt64()));
    }

    [Fact]
    public void A_model_that_is_refused_leaves_the_old_one_in_place()
    {
        string model = firmware.Write(".esb", SmallNetworks.Scaled(1));
        string socket = firmware.NewFile(".sock");
        using BackgroundProcess server = Start(model, socket);
        using ServeClient client = new(socket);
        File.WriteAllText(model + ".new", "this is no model");
        File.Move(model + ".new", model, overwrite: true);
        server.WaitUntil(() => client.AskState().Contains("\"refused\":", StringComparison.Ordinal), "the server does not say that it refused the model");
        Assert.Equal([10, 1], client.Infer(1, 2, 3, 4));
        server.WaitUntil(() => server.Error.Contains("error: the model stays as it is: ", StringComparison.Ordinal), "the server does not tell of the model");
    }

    [Fact]
    public void JSON_lines_are_answered_on_standard_output()
    {
        using BackgroundProcess server = new(firmware.Published.Executable, null, firmware.Write(".esb", SmallNetworks.Scaled(2)), "--serve", "-");
        server.Input.Write("""
            {"id":7,"input":[1,2,3,4]}
            {"input":[[1,0],[0,0]],"id":"a \"b\""}
            {"id":8,"input":[1,2,3]}
            {"id":9,"input":[1,2,3,1e99]}
            nonsense
            {"id":1}
            {"state":true}
            {"id":2,"input":[0,0,0,0],"more":1}

            """);
        server.Input.Write(new string('x', 100_000) + "\n");
        server.Input.Write("{\"id\":10,\"input\":[0,0,0,1]}");
        server.Input.Close();
        Assert.Equal(0, server.Wait());
        string[] lines = server.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("{\"id\":7,\"class\":0,\"scores\":[20,1]}", lines[0]);
        Assert.Equal("{\"id\":\"a \\\"b\\\"\",\"class\":0,\"scores\":[2,1]}", lines[1]);
        Assert.Equal("{\"id\":8,\"error\":\"'input' must be 4 numbers, as one array or nested ones\"}", lines[2]);
        Assert.Equal("{\"id\":9,\"error\":\"'input' must be 4 numbers, as one array or nested ones\"}", lines[3]);
        Assert.StartsWith("{\"error\":\"the request is no JSON: ", lines[4], StringComparison.Ordinal);
        Assert.Equal("{\"id\":1,\"error\":\"the request needs either 'input' or 'state'\"}", lines[5]);
        Assert.StartsWith("{\"state\":{\"model\":", lines[6], StringComparison.Ordinal);
        Assert.StartsWith("{\"id\":2,\"error\":\"the request has 'more' with a value that means nothing", lines[7], StringComparison.Ordinal);
        Assert.Equal("{\"error\":\"the line is longer than 4224 bytes, the most that this model's requests have\"}", lines[8]);
        Assert.Equal("{\"id\":10,\"class\":0,\"scores\":[2,1]}", lines[9]);
        Assert.Equal(10, lines.Length);
    }

    [Fact]
    public void A_socket_that_a_server_holds_is_refused_and_one_that_was_left_is_taken()
    {
        string model = firmware.Write(".esb", SmallNetworks.Scaled(1));
        string socket = firmware.NewFile(".sock");
        BackgroundProcess killed = Start(model, socket);
        var second = firmware.Run(model, "--serve", $"unix:{socket}");
        Assert.Equal((1, $"error: cannot listen on unix:{socket}: a server listens there, or it is a file\n"), (second.ExitCode, second.Error));
        killed.Dispose();
        Assert.True(File.Exists(socket));
        using BackgroundProcess third = Start(model, socket);
        using ServeClient client = new(socket);
        Assert.Equal([10, 1], client.Infer(1, 2, 3, 4));
    }

    [Theory]
    [InlineData("udp:1")]
    [InlineData("tcp:80")]
    [InlineData("tcp:127.0.0.1:0")]
    [InlineData("tcp:127.0.0.300:80")]
    [InlineData("unix:")]
    public void An_address_that_is_none_is_answered_with_the_usage(string address)
    {
        var result = firmware.Run(firmware.Write(".esb", SmallNetworks.Scaled(1)), "--serve", address);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"error: '{address}'", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_at_an_address_is_said_so()
    {
        var result = firmware.Run("--ask", $"unix:{firmware.NewFile(".sock")}");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("error: no server answers on unix:", result.Error, StringComparison.Ordinal);
    }

    private BackgroundProcess Start(string model, string socket)
    {
        BackgroundProcess server = new(firmware.Published.Executable, null, model, "--serve", $"unix:{socket}");
        server.WaitUntil(() => server.Error.StartsWith("serving ", StringComparison.Ordinal), "the server does not start");
        return server;
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
