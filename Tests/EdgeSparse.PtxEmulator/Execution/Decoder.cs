using System.Globalization;
using EdgeSparse.PtxEmulator.Modules;

namespace EdgeSparse.PtxEmulator.Execution;

/// <summary>Makes operations of the statements of a function.</summary>
internal sealed class Decoder
{
    private readonly Program program;
    private readonly PtxFunction function;
    private readonly Dictionary<string, Register> registers = [];
    private readonly Dictionary<string, Register> callVariables = [];

    public Decoder(Program program, PtxFunction function)
    {
        (this.program, this.function) = (program, function);
        foreach ((string prefix, (string type, int count)) in function.Registers)
        {
            for (int i = 0; i < count; i++)
            {
                registers.Add(prefix + i.ToString(CultureInfo.InvariantCulture), type == ".pred" ? program.NewPredicate() : program.NewRegister(PtxTypes.BytesOf(type)!.Value));
            }
        }

        foreach ((string name, string type) in function.CallVariables)
        {
            callVariables.Add(name, program.NewRegister(PtxTypes.BytesOf(type) ?? throw new PtxException(0, $"'{type}' is no type")));
        }

        if (program.CallVariables.TryGetValue(function, out Register[]? passed))
        {
            foreach ((PtxVariable variable, Register register) in function.Parameters.Append(function.Result).OfType<PtxVariable>().Zip(passed))
            {
                callVariables.Add(variable.Name, register);
            }
        }
    }

    public Operation[] Decode()
    {
        int[] meetings = ControlFlow.Meetings(Successors());
        List<Operation> operations = [];
        int[] starts = new int[function.Body.Count + 1];

        // A call is several operations, which copy its parameters: jumps are to statements until all are there.
        for (int i = 0; i < function.Body.Count; i++)
        {
            starts[i + 1] = starts[i] + (IsCall(function.Body[i]) ? CallOf(function.Body[i]).Count() : 1);
        }

        for (int i = 0; i < function.Body.Count; i++)
        {
            Statement statement = function.Body[i];
            int meeting = meetings[i] < 0 ? -1 : starts[meetings[i]];
            if (IsCall(statement))
            {
                operations.AddRange(CallOf(statement));
            }
            else
            {
                operations.Add(JumpOf(statement, starts, meeting) ?? Instructions.Decode(this, statement));
            }
        }

        return [.. operations];
    }

    /// <summary>The register of a name or of a number, which has one that never changes.</summary>
    public Register Source(Statement statement, int index, RegisterKind kind)
    {
        Operand operand = OperandOf(statement, index);
        if (operand.Number is { } number)
        {
            return program.Constant(kind, NumberOf(statement, number, kind));
        }

        string name = operand.Name ?? throw Wrong(statement);
        if (program.Module.Shared.FirstOrDefault(v => v.Name == name) is { } variable)
        {
            return program.Constant(kind, (ulong)variable.Offset);
        }

        return Require(statement, program.PlaceOf(name) ?? Named(statement, name), kind);
    }

    public Register Target(Statement statement, int index, RegisterKind kind) =>
        Require(statement, Named(statement, OperandOf(statement, index).Name ?? throw Wrong(statement)), kind);

    /// <summary>One register, or those in braces.</summary>
    public Register[] List(Statement statement, int index) =>
        OperandOf(statement, index).Names is { } names
            ? [.. names.Select(n => Require(statement, Named(statement, n), RegisterKind.Word))]
            : [Source(statement, index, RegisterKind.Word)];

    /// <summary>The register of an address and what is added to it.</summary>
    public (Register Register, int Offset) Address(Statement statement, int index)
    {
        Operand operand = OperandOf(statement, index);
        return operand is { IsAddress: true, Name: { } name }
            ? (Require(statement, Named(statement, name), RegisterKind.Long), operand.Offset)
            : throw Wrong(statement);
    }

    /// <summary>Where a parameter of the entry point lies among its arguments, or the register that a call passes it by.</summary>
    public (int Offset, Register? Register) Parameter(Statement statement, int index)
    {
        Operand operand = OperandOf(statement, index);
        if (!operand.IsAddress)
        {
            throw Wrong(statement);
        }

        if (callVariables.TryGetValue(operand.Name!, out Register register))
        {
            return (0, register);
        }

        PtxVariable parameter = function.Parameters.FirstOrDefault(p => p.Name == operand.Name) ?? throw Wrong(statement);
        return operand.Offset < parameter.Bytes ? (parameter.Offset + operand.Offset, null) : throw Wrong(statement);
    }

    public static PtxException Wrong(Statement statement) => new(statement.Line, $"this is not emulated: {statement}");

    private static bool IsCall(Statement statement) => statement.Opcode is "call" or "call.uni";

    private static Operand OperandOf(Statement statement, int index) =>
        index < statement.Operands.Count ? statement.Operands[index] : throw Wrong(statement);

    private static Register Require(Statement statement, Register register, RegisterKind kind) => register.Kind == kind ? register : throw Wrong(statement);

    private static ulong NumberOf(Statement statement, string text, RegisterKind kind)
    {
        if (text.StartsWith("0f", StringComparison.Ordinal) || text.StartsWith("0d", StringComparison.Ordinal))
        {
            return ulong.Parse(text[2..], NumberStyles.HexNumber);
        }

        return !long.TryParse(text, out long number) ? throw Wrong(statement)
            : kind == RegisterKind.Predicate ? (number == 0 ? 0u : uint.MaxValue)
            : kind == RegisterKind.Word ? (uint)number : (ulong)number;
    }

    private Register Named(Statement statement, string name) =>
        registers.TryGetValue(name, out Register register) ? register : throw new PtxException(statement.Line, $"there is no register {name}: {statement}");

    /// <summary>Copies what is passed, calls, and copies what comes back.</summary>
    private IEnumerable<Operation> CallOf(Statement statement)
    {
        IReadOnlyList<Operand> operands = statement.Operands;
        string[] results = operands.Count == 3 ? [.. operands[0].Names ?? []] : [];
        Operand called = operands[operands.Count == 3 ? 1 : 0];
        IReadOnlyList<string> passed = operands[^1].Names ?? [];
        if (statement.Guard is not null || called.Name is not { } name || program.FunctionOf(name) is not { } callee)
        {
            throw Wrong(statement);
        }

        Register[] formal = program.CallVariables[callee.Function];
        if (formal.Length != passed.Count + results.Length)
        {
            throw Wrong(statement);
        }

        for (int i = 0; i < passed.Count; i++)
        {
            yield return Copy(statement, formal[i], callVariables[passed[i]]);
        }

        yield return new Call(callee.Code) { Statement = statement, Sources = [] };
        if (results.Length > 0)
        {
            yield return Copy(statement, callVariables[results[0]], formal[^1]);
        }
    }

    public static Operation Copy(Statement statement, Register to, Register from) =>
        to.Kind != from.Kind ? throw Wrong(statement)
        : to.Kind == RegisterKind.Long ? new Unary<Same<ulong>, ulong, ulong>(to, from) { Statement = statement, Sources = [from] }
        : new Unary<Same<uint>, uint, uint>(to, from) { Statement = statement, Sources = [from] };

    private Operation? JumpOf(Statement statement, int[] starts, int meeting)
    {
        Register? guard = statement.Guard is { } name ? Require(statement, Named(statement, name), RegisterKind.Predicate) : null;
        Register[] sources = guard is { } register ? [register] : [];
        switch (statement.Opcode)
        {
            case "bra" or "bra.uni":
                int target = starts[function.Labels[statement.Operands[0].Name!]];
                bool isUniform = statement.Opcode == "bra.uni" && guard is not null;
                return new Branch(target, guard, statement.IsGuardNegated, isUniform, meeting) { Statement = statement, Sources = sources };
            case "brx.idx" or "brx.idx.uni" when guard is null:
                Register index = Source(statement, 0, RegisterKind.Word);
                int[] targets = [.. function.BranchTargets[OperandOf(statement, 1).Name!].Select(t => starts[function.Labels[t]])];
                return new BranchByIndex(index, targets, statement.Opcode == "brx.idx.uni", meeting) { Statement = statement, Sources = [index] };
            case "ret" or "exit" when guard is null:
                return new Return { Statement = statement, Sources = [] };
            case "bar.sync" when guard is null && function == program.Module.Entry && statement.Operands is [{ Number: "0" }]:
                return new GroupBarrier { Statement = statement, Sources = [] };
        }

        return guard is null ? null : throw Wrong(statement);
    }

    /// <summary>The statements that each may go on at.</summary>
    private List<int[]> Successors()
    {
        List<int[]> successors = [];
        for (int i = 0; i < function.Body.Count; i++)
        {
            Statement statement = function.Body[i];
            successors.Add(statement.Opcode switch
            {
                "ret" or "exit" => [function.Body.Count],
                "bra" or "bra.uni" when statement.Guard is null => [function.Labels[statement.Operands[0].Name!]],
                "bra" or "bra.uni" => [function.Labels[statement.Operands[0].Name!], i + 1],
                "brx.idx" or "brx.idx.uni" => [.. BranchTargets(statement).Select(t => function.Labels[t])],
                _ => [i + 1],
            });
        }

        return successors;
    }

    private IReadOnlyList<string> BranchTargets(Statement statement) =>
        OperandOf(statement, 1).Name is { } name && function.BranchTargets.TryGetValue(name, out IReadOnlyList<string>? targets) ? targets : throw Wrong(statement);
}
