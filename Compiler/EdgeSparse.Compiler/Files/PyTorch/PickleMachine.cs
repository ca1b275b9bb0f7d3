namespace EdgeSparse.Compiler.Files.PyTorch;

/// <summary>
/// Runs the program that a pickle is (the opcodes of Python's pickletools), as far as state dictionaries need it: it builds plain
/// containers and descriptions of tensors, and calls nothing but the few functions of <see cref="TorchGlobal"/>. Any other name,
/// call or instruction ends the reading. It does not recurse, and makes at most one object an instruction.
/// </summary>
/// <param name="storages">Takes the persistent ids, which name storages.</param>
internal sealed class PickleMachine(TorchStorageTable storages)
{
    private const int MostInstructions = 4_000_000;

    // Marks lie in a stack of their own, as heights of the stack.
    private readonly List<object?> stack = [];
    private readonly Stack<int> marks = [];
    private readonly Dictionary<uint, object?> memo = [];

    /// <summary>The value of one pickle.</summary>
    /// <exception cref="PyTorchFileException">Without the file's name: it is cut off, damaged, or refused.</exception>
    public object? Run(PickleBytes bytes)
    {
        stack.Clear();
        marks.Clear();
        memo.Clear();
        for (int count = 0; count < MostInstructions; count++)
        {
            byte instruction = bytes.Byte();
            if (instruction == '.')
            {
                object? result = Pop();
                return stack.Count == 0 && marks.Count == 0 ? result : throw Damaged("ends with values left over");
            }

            if (!Push(instruction, bytes) && !Build(instruction))
            {
                Remember(instruction, bytes);
            }
        }

        throw new PyTorchFileException($"its pickle has more than {MostInstructions} instructions");
    }

    /// <summary>Instructions that put a value on the stack; false for another.</summary>
    private bool Push(byte instruction, PickleBytes bytes)
    {
        switch (instruction)
        {
            case (byte)'N': stack.Add(null); break;
            case 0x88: stack.Add(true); break;
            case 0x89: stack.Add(false); break;
            case (byte)'J': stack.Add((long)bytes.Int32()); break;
            case (byte)'K': stack.Add((long)bytes.Byte()); break;
            case (byte)'M': stack.Add((long)bytes.UInt16()); break;
            case 0x8A: stack.Add(bytes.Number(bytes.Byte()) is { } number ? number : new PickleLargeNumber()); break;
            case (byte)'G': stack.Add(bytes.Double()); break;
            case (byte)'X' or (byte)'T': stack.Add(bytes.Text(bytes.UInt32())); break;
            case (byte)'U' or 0x8C: stack.Add(bytes.Text(bytes.Byte())); break;
            case (byte)')': stack.Add(new PickleTuple([])); break;
            case (byte)']': stack.Add(new PickleList()); break;
            case (byte)'}': stack.Add(new PickleDictionary()); break;
            case (byte)'c': stack.Add(TorchGlobal.Named(bytes.Line(), bytes.Line())); break;
            case (byte)'(': marks.Push(stack.Count); break;
            default: return false;
        }

        return true;
    }

    /// <summary>Instructions that make a value of those on the stack; false for another.</summary>
    private bool Build(byte instruction)
    {
        switch (instruction)
        {
            case (byte)'t': stack.Add(new PickleTuple(PopToMark())); break;
            case >= 0x85 and <= 0x87: stack.Add(new PickleTuple(PopSome(instruction - 0x84))); break;
            case (byte)'a': AddTo(PopSome(1)); break;
            case (byte)'e': AddTo(PopToMark()); break;
            case (byte)'s': SetIn(PopSome(2)); break;
            case (byte)'u': SetIn(PopToMark()); break;
            case (byte)'R': Call(); break;
            case (byte)'b': SetState(); break;
            case 0x81:
                object? arguments = Pop();
                throw new PyTorchFileException($"it makes an object of {PickleKind.Of(Pop())} from {PickleKind.Of(arguments)}, which is refused");
            case (byte)'Q': stack.Add(storages.Named(Pop())); break;
            case 0x93:
                object?[] names = PopSome(2);
                stack.Add(names is [string module, string name] ? TorchGlobal.Named(module, name) : throw Damaged("has a name that is no text"));
                break;
            default: return false;
        }

        return true;
    }

    /// <summary>The instructions around the memo, and those that mean nothing here.</summary>
    private void Remember(byte instruction, PickleBytes bytes)
    {
        switch (instruction)
        {
            case (byte)'q': memo[bytes.Byte()] = Top(); break;
            case (byte)'r': memo[bytes.UInt32()] = Top(); break;
            case 0x94: memo[(uint)memo.Count] = Top(); break;
            case (byte)'h': stack.Add(Recalled(bytes.Byte())); break;
            case (byte)'j': stack.Add(Recalled(bytes.UInt32())); break;
            case 0x80:
                byte protocol = bytes.Byte();
                if (protocol is < 2 or > 5)
                {
                    throw new PyTorchFileException($"its pickle has the protocol {protocol}; 2 to 5 are read");
                }

                break;

            // A frame's length, which one who reads byte by byte does not need.
            case 0x95: bytes.Skip(8); break;
            default:
                throw new PyTorchFileException($"its pickle has the instruction 0x{instruction:X2}, which no state dictionary needs");
        }
    }

    private void Call()
    {
        object? arguments = Pop();
        stack.Add((Pop(), arguments) switch
        {
            (TorchGlobal function, PickleTuple tuple) => function.Call(tuple.Items),
            (TorchGlobal function, var odd) => throw Damaged($"calls '{function.Name}' with {PickleKind.Of(odd)}"),
            (var odd, _) => throw Damaged($"calls {PickleKind.Of(odd)}"),
        });
    }

    /// <summary>Only an OrderedDict has a state, PyTorch's versions of modules, which no tensor depends on.</summary>
    private void SetState()
    {
        object? state = Pop();
        if (Top() is not PickleDictionary || state is not PickleDictionary)
        {
            throw new PyTorchFileException($"it gives {PickleKind.Of(Top())} the state {PickleKind.Of(state)}, which is refused");
        }
    }

    private void AddTo(object?[] values)
    {
        PickleList list = Top() as PickleList ?? throw Damaged($"appends to {PickleKind.Of(Top())}");
        list.Items.AddRange(values);
    }

    private void SetIn(object?[] values)
    {
        PickleDictionary dictionary = Top() as PickleDictionary ?? throw Damaged($"sets items of {PickleKind.Of(Top())}");
        if (values.Length % 2 != 0)
        {
            throw Damaged("has a key without a value");
        }

        for (int i = 0; i < values.Length; i += 2)
        {
            dictionary.Set(values[i], values[i + 1]);
        }
    }

    private object? Recalled(uint index) =>
        memo.TryGetValue(index, out object? value) ? value : throw Damaged($"recalls value {index}, which it never kept");

    private object? Top()
    {
        EnsureAbove(1);
        return stack[^1];
    }

    private object? Pop() => PopSome(1)[0];

    private object?[] PopSome(int count)
    {
        EnsureAbove(count);
        return Cut(stack.Count - count);
    }

    private object?[] PopToMark() => marks.TryPop(out int height) ? Cut(height) : throw Damaged("takes values up to a mark that is not there");

    private object?[] Cut(int height)
    {
        object?[] values = [.. stack[height..]];
        stack.RemoveRange(height, values.Length);
        return values;
    }

    /// <summary>Values below the last mark belong to who set it.</summary>
    private void EnsureAbove(int count)
    {
        if (stack.Count - (marks.TryPeek(out int height) ? height : 0) < count)
        {
            throw Damaged("takes values that are not there");
        }
    }

    private static PyTorchFileException Damaged(string what) => new($"its pickle {what}: it is damaged");
}
