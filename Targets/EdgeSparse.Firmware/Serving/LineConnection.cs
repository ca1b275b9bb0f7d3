using System.Text;

namespace EdgeSparse.Firmware.Serving;

/// <summary>Standard input and output: a JSON object a line, and one a line in answer.</summary>
internal sealed class LineConnection(ServedModel model) : Connection(0, 1, isSocket: false)
{
    /// <summary>As long as a number is written in full, with space around it.</summary>
    private const int BytesPerNumber = 32;

    private const int BytesBesides = 4096;

    /// <summary>Inside a line that was refused for its length: what is left of it is not looked at.</summary>
    private bool skipping;

    protected override int LargestRequest => checked((BytesPerNumber * InputElements) + BytesBesides);

    private int InputElements => model.InputElements;

    protected override bool IsWhole(ReadOnlySpan<byte> bytes, bool isEnd) =>
        bytes.Contains((byte)'\n') || bytes.Length >= LargestRequest || (isEnd && !bytes.IsEmpty);

    protected override int Take(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? bytes : bytes[..end];
        bool whole = end >= 0 || line.Length < LargestRequest;
        if (!skipping)
        {
            Respond(line, whole);
        }

        skipping = !whole;
        return end < 0 ? bytes.Length : end + 1;
    }

    private void Respond(ReadOnlySpan<byte> line, bool whole)
    {
        JsonText json = new();
        if (!whole || line.Length > LargestRequest)
        {
            Refuse(json.Object(), $"the line is longer than {LargestRequest} bytes, the most that this model's requests have");
            return;
        }

        string? wrong = JsonRequest.Parse(line, InputElements, out JsonRequest request);
        json.Object();
        if (request.Id is not null)
        {
            json.Name("id").Value(request.Id);
        }
        else if (request.Number is { } number)
        {
            json.Name("id").Value(number);
        }

        if (wrong is not null)
        {
            Refuse(json, wrong);
        }
        else if (request.Input is { } input)
        {
            model.Run(input);
            Prediction.OfOutputs(model.Model, model.Session).AddTo(json);
            Send(json);
        }
        else
        {
            json.Name("state").Raw(model.State());
            Send(json);
        }
    }

    private void Refuse(JsonText json, string message)
    {
        model.Errors++;
        json.Name("error").Value(message);
        Send(json);
    }

    private void Send(JsonText json) => Answer(Encoding.UTF8.GetBytes(json.EndObject().ToString() + "\n"));
}
