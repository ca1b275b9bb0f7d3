using System.Text;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Onnx;

/// <summary>
/// A file that is no ONNX model, or one that uses what is not supported. The message is one line that names the file and,
/// where that is known, node, operator, opset and what is supported.
/// </summary>
public class OnnxFormatException(string message, Exception? inner = null) : EdgeSparseException(OneLine(message), inner)
{
    // Names in a message come from the file: they must neither break the line nor flood the terminal.
    private const int LongestMessage = 800;

    private static string OneLine(string message)
    {
        StringBuilder line = new(Math.Min(message.Length, LongestMessage));
        foreach (char c in message)
        {
            if (line.Length == LongestMessage)
            {
                return line.Append('…').ToString();
            }

            line.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
        }

        return line.ToString();
    }
}
