using EdgeSparse.PtxEmulator.Modules;

namespace EdgeSparse.PtxEmulator.Execution;

/// <summary>A module that is ready to run: functions share one file of registers, as none calls itself.</summary>
public sealed class Program
{
    private readonly List<(Register Register, ulong Value)> constants = [];
    private readonly Dictionary<string, Register> places = [];
    private readonly Dictionary<PtxFunction, Code> codes = [];
    private int words;
    private int longs;
    private int predicates;

    /// <exception cref="PtxException">An instruction is not emulated.</exception>
    public Program(PtxModule module)
    {
        ArgumentNullException.ThrowIfNull(module);
        Module = module;
        foreach (PtxFunction function in module.Functions)
        {
            codes[function] = new Code { Name = function.Name };
        }

        foreach (PtxFunction function in module.Functions)
        {
            CallVariables.Add(function, [.. function.Parameters.Append(function.Result).OfType<PtxVariable>().Select(p => NewRegister(p.Bytes))]);
        }

        foreach ((PtxFunction function, Code code) in codes)
        {
            code.Operations = new Decoder(this, function).Decode();
        }

        Entry = new Code { Name = module.Entry.Name };
        Entry.Operations = new Decoder(this, module.Entry).Decode();
        File = new RegisterFile(words, longs, predicates);
    }

    public PtxModule Module { get; }

    internal RegisterFile File { get; }

    internal Code Entry { get; }

    internal int SharedBytes => Module.SharedBytes;

    /// <summary>The registers by which parameters and the result of a function are passed.</summary>
    internal Dictionary<PtxFunction, Register[]> CallVariables { get; } = [];

    /// <summary>Runs it in a grid of groups.</summary>
    /// <param name="arguments">Its parameters, as they lie in memory.</param>
    /// <param name="threads">Of a group.</param>
    /// <exception cref="PtxFaultException">A thread did what it may not.</exception>
    public void Run(DeviceMemory memory, byte[] arguments, int groupsX, int groupsY, int threads) =>
        Launch.Run(this, memory, arguments, groupsX, groupsY, threads);

    internal (PtxFunction Function, Code Code)? FunctionOf(string name) =>
        codes.Where(c => c.Key.Name == name).Select(c => ((PtxFunction, Code)?)(c.Key, c.Value)).FirstOrDefault();

    internal Register NewRegister(int bytes) => bytes == 8 ? New(RegisterKind.Long, ref longs) : New(RegisterKind.Word, ref words);

    internal Register NewPredicate() => New(RegisterKind.Predicate, ref predicates);

    /// <summary>A register that always has a value; a predicate's is a bit a lane.</summary>
    internal Register Constant(RegisterKind kind, ulong value)
    {
        foreach ((Register known, ulong has) in constants)
        {
            if (known.Kind == kind && has == value)
            {
                return known;
            }
        }

        Register register = kind == RegisterKind.Predicate ? NewPredicate() : NewRegister(kind == RegisterKind.Long ? 8 : 4);
        constants.Add((register, value));
        return register;
    }

    /// <summary>The register of where a thread stands, <c>%tid.x</c> for example; null for what is none.</summary>
    internal Register? PlaceOf(string name)
    {
        if (name is not ("%tid.x" or "%tid.y" or "%tid.z" or "%ntid.x" or "%ntid.y" or "%ntid.z" or "%ctaid.x" or "%ctaid.y" or "%ctaid.z"
            or "%laneid"))
        {
            return null;
        }

        if (!places.TryGetValue(name, out Register register))
        {
            places[name] = register = NewRegister(4);
        }

        return register;
    }

    internal void SetConstants(Registers registers)
    {
        foreach ((Register register, ulong value) in constants)
        {
            switch (register.Kind)
            {
                case RegisterKind.Word:
                    registers.SetAll(register, (uint)value);
                    break;
                case RegisterKind.Long:
                    registers.SetAll(register, value);
                    break;
                default:
                    registers.SetPredicate(register, (uint)value, uint.MaxValue);
                    break;
            }
        }
    }

    /// <summary>Nothing writes to constants: they only have to be known again.</summary>
    internal void MarkConstants(Registers registers)
    {
        foreach ((Register register, _) in constants)
        {
            registers.Known(register) = uint.MaxValue;
        }
    }

    internal void SetPlace(Registers registers, Launch launch, int warp)
    {
        foreach ((string name, Register register) in places)
        {
            registers.SetAll(register, (uint)(name switch
            {
                "%ntid.x" => launch.Threads,
                "%ntid.y" or "%ntid.z" => 1,
                "%ctaid.x" => launch.GroupX,
                "%ctaid.y" => launch.GroupY,
                _ => 0,
            }));
            if (name is "%tid.x" or "%laneid")
            {
                int first = name == "%tid.x" ? warp * Registers.Lanes : 0;
                Span<int> lanes = registers.Of<int>(register);
                for (int lane = 0; lane < Registers.Lanes; lane++)
                {
                    lanes[lane] = first + lane;
                }
            }
        }
    }

    private Register New(RegisterKind kind, ref int count) => new(kind, count++, words + longs + predicates - 1);
}
