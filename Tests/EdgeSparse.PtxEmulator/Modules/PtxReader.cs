using System.Text.RegularExpressions;

namespace EdgeSparse.PtxEmulator.Modules;

/// <summary>Reads a module.</summary>
internal sealed partial class PtxReader(string text)
{
    /// <summary>What a kernel is compiled for that does not say how many.</summary>
    private const int AnyGroupThreads = 1024;

    private readonly PtxLexer lexer = new(text);
    private readonly List<PtxFunction> functions = [];
    private readonly List<PtxVariable> shared = [];
    private readonly HashSet<string> declared = [];
    private PtxFunction? entry;
    private int mostThreads = AnyGroupThreads;

    public PtxModule Read()
    {
        lexer.Require(".version");
        string version = Matching(VersionNumber());
        lexer.Require(".target");
        string target = Matching(Architecture());
        lexer.Require(".address_size");
        lexer.Require("64");
        while (!lexer.AtEnd)
        {
            lexer.Take(".visible");
            string kind = lexer.Word();
            switch (kind)
            {
                case ".func":
                    Function();
                    break;
                case ".entry":
                    Entry();
                    break;
                default:
                    throw lexer.Unexpected($"'{kind}' is no function");
            }
        }

        foreach (string name in declared.Except(functions.Select(f => f.Name)))
        {
            throw new PtxException(lexer.Peek.Line, $"the function {name} is declared and is nowhere");
        }

        return new PtxModule(version, target, functions, entry ?? throw lexer.Unexpected("an entry point is missing"), mostThreads, shared);
    }

    private string Matching(Regex pattern)
    {
        Token token = lexer.Take();
        return pattern.IsMatch(token.Text) ? token.Text : throw new PtxException(token.Line, $"'{token.Text}' is no version");
    }

    private void Function()
    {
        PtxVariable? result = null;
        if (lexer.Peek.Text == "(")
        {
            result = Variables() is [var only] ? only : throw lexer.Unexpected("a function gives one value");
        }

        var function = new PtxFunction { Name = lexer.Word(), Parameters = Variables(), Result = result };
        declared.Add(function.Name);
        if (lexer.Take(";"))
        {
            return;
        }

        Body(function);
        functions.Add(function);
    }

    private void Entry()
    {
        if (entry is not null)
        {
            throw lexer.Unexpected("a second entry point");
        }

        entry = new PtxFunction { Name = lexer.Word(), Parameters = Variables(), Result = null };
        if (lexer.Take(".maxntid"))
        {
            mostThreads = lexer.Number();
            while (lexer.Take(","))
            {
                mostThreads *= lexer.Number();
            }
        }

        Body(entry);
    }

    /// <summary>Parameters in parentheses.</summary>
    private List<PtxVariable> Variables()
    {
        List<PtxVariable> variables = [];
        lexer.Require("(");
        while (!lexer.Take(")"))
        {
            if (variables.Count > 0)
            {
                lexer.Require(",");
            }

            lexer.Require(".param");
            variables.Add(Variable(variables.Count == 0 ? 0 : variables[^1].Offset + variables[^1].Bytes));
        }

        return variables;
    }

    /// <summary>A variable behind the end of another, as its alignment has it.</summary>
    private PtxVariable Variable(int end)
    {
        int alignment = lexer.Take(".align") ? lexer.Number() : 0;
        string type = lexer.Word();
        int bytes = PtxTypes.BytesOf(type) ?? throw lexer.Unexpected($"'{type}' is no type");
        string name = lexer.Word();
        alignment = alignment == 0 ? bytes : alignment;
        if (lexer.Take("["))
        {
            bytes *= lexer.Number();
            lexer.Require("]");
        }

        return new PtxVariable(name, alignment, bytes, (end + alignment - 1) / alignment * alignment);
    }

    private void Body(PtxFunction function)
    {
        lexer.Require("{");
        for (int depth = 1; depth > 0;)
        {
            if (lexer.Take("{"))
            {
                depth++;
            }
            else if (lexer.Take("}"))
            {
                depth--;
            }
            else if (lexer.Peek.Text[0] == '.')
            {
                Declaration(function);
            }
            else
            {
                LabelOrStatement(function);
            }
        }

        RequireLabels(function);
    }

    private void Declaration(PtxFunction function)
    {
        switch (lexer.Word())
        {
            case ".reg":
                string type = lexer.Word();
                string prefix = lexer.Word();
                lexer.Require("<");
                function.Registers[prefix] = (type, lexer.Number());
                lexer.Require(">");
                break;
            case ".shared":
                shared.Add(Variable(shared.Count == 0 ? 0 : shared[^1].Offset + shared[^1].Bytes));
                break;
            case ".param":
                string callType = lexer.Word();
                function.CallVariables[lexer.Word()] = callType;
                break;
            default:
                throw lexer.Unexpected("only registers, shared memory and parameters are declared");
        }

        lexer.Require(";");
    }

    private void LabelOrStatement(PtxFunction function)
    {
        Token token = lexer.Take();
        if (lexer.Take(":"))
        {
            if (lexer.Take(".branchtargets"))
            {
                List<string> targets = [lexer.Word()];
                while (lexer.Take(","))
                {
                    targets.Add(lexer.Word());
                }

                lexer.Require(";");
                function.BranchTargets.Add(token.Text, targets);
            }
            else if (!function.Labels.TryAdd(token.Text, function.Body.Count))
            {
                throw new PtxException(token.Line, $"the label {token.Text} is there twice");
            }

            return;
        }

        string? guard = null;
        bool isNegated = false;
        if (token.Text == "@")
        {
            isNegated = lexer.Take("!");
            guard = lexer.Word();
            token = lexer.Take();
        }

        if (!token.IsWord)
        {
            throw new PtxException(token.Line, $"'{token.Text}' is no instruction");
        }

        List<Operand> operands = [];
        while (!lexer.Take(";"))
        {
            if (operands.Count > 0)
            {
                lexer.Require(",");
            }

            operands.Add(ReadOperand());
        }

        function.Body.Add(new Statement(token.Line, guard, isNegated, token.Text, operands));
    }

    private Operand ReadOperand()
    {
        if (lexer.Take("["))
        {
            string name = lexer.Word();
            int offset = lexer.Take("+") ? lexer.Number() : 0;
            lexer.Require("]");
            return new Operand(name, Offset: offset, IsAddress: true);
        }

        if (lexer.Take("{"))
        {
            return List("}");
        }

        return lexer.Take("(") ? List(")") : lexer.Peek.IsNumber ? new Operand(null, lexer.Take().Text) : new Operand(lexer.Word());
    }

    private Operand List(string end)
    {
        List<string> names = [];
        while (!lexer.Take(end))
        {
            if (names.Count > 0)
            {
                lexer.Require(",");
            }

            names.Add(lexer.Word());
        }

        return new Operand(null, Names: names);
    }

    /// <summary>Every branch goes to a label of its own function.</summary>
    private static void RequireLabels(PtxFunction function)
    {
        foreach (Statement statement in function.Body.Where(s => s.Opcode is "bra" or "bra.uni"))
        {
            if (statement.Operands is not [{ Name: { } label }] || !function.Labels.ContainsKey(label))
            {
                throw new PtxException(statement.Line, $"{function.Name} has no such label: {statement}");
            }
        }

        foreach (string label in function.BranchTargets.Values.SelectMany(t => t).Where(t => !function.Labels.ContainsKey(t)))
        {
            throw new PtxException(0, $"{function.Name} has no such label: {label}");
        }
    }

    [GeneratedRegex(@"^\d\.\d$")]
    private static partial Regex VersionNumber();

    [GeneratedRegex(@"^sm_\d+$")]
    private static partial Regex Architecture();
}
