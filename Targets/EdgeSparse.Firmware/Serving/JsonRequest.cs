using System.Text.Json;

namespace EdgeSparse.Firmware.Serving;

/// <summary>One line of the JSON line mode.</summary>
internal sealed record JsonRequest
{
    /// <summary>What the answer repeats: a string, or null.</summary>
    public string? Id { get; private init; }

    /// <summary>What the answer repeats where the id is a whole number.</summary>
    public long? Number { get; private init; }

    /// <summary>The numbers of all inputs, row by row; null for a request of the state.</summary>
    public float[]? Input { get; private init; }

    /// <param name="line">UTF-8 without the line end.</param>
    /// <param name="elements">Numbers that the model takes.</param>
    /// <param name="request">What could be read, also when something is wrong: the answer to a wrong request has its id.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Parse(ReadOnlySpan<byte> line, int elements, out JsonRequest request)
    {
        request = new JsonRequest();
        bool state = false;
        try
        {
            Utf8JsonReader json = new(line);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                return "the request is no JSON object";
            }

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                string name = json.GetString()!;
                json.Read();
                if (name == "id" && json.TokenType == JsonTokenType.String)
                {
                    request = request with { Id = json.GetString() };
                }
                else if (name == "id" && json.TokenType == JsonTokenType.Number && json.TryGetInt64(out long number))
                {
                    request = request with { Number = number };
                }
                else if (name == "input" && json.TokenType == JsonTokenType.StartArray)
                {
                    if (!TryReadNumbers(ref json, elements, out float[] input))
                    {
                        return $"'input' must be {elements} numbers, as one array or nested ones";
                    }

                    request = request with { Input = input };
                }
                else if (name == "state" && json.TokenType == JsonTokenType.True)
                {
                    state = true;
                }
                else
                {
                    return $"the request has '{name}' with a value that means nothing; possible are id (text or a whole number), input (numbers) and state (true)";
                }
            }

            // The reader refuses whatever follows the object.
            _ = json.Read();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return $"the request is no JSON: {error.Message}";
        }

        return state == (request.Input is not null) ? "the request needs either 'input' or 'state'" : null;
    }

    private static bool TryReadNumbers(ref Utf8JsonReader json, int elements, out float[] numbers)
    {
        numbers = new float[elements];
        int count = 0;
        int depth = json.CurrentDepth;
        while (json.Read() && !(json.TokenType == JsonTokenType.EndArray && json.CurrentDepth == depth))
        {
            switch (json.TokenType)
            {
                case JsonTokenType.StartArray or JsonTokenType.EndArray:
                    break;
                case JsonTokenType.Number when count < elements && json.TryGetSingle(out float number) && float.IsFinite(number):
                    numbers[count++] = number;
                    break;
                default:
                    return false;
            }
        }

        return count == elements;
    }
}
