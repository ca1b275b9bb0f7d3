using System.Globalization;
using EdgeSparse.Targets.Deploying;

namespace EdgeSparse.Targets.Benching;

/// <summary>What a device is asked to do for a measurement, as POSIX shell.</summary>
internal static class BenchScripts
{
    /// <summary>A line of its own between what the sensors said and the firmware's report.</summary>
    public const string ReportMark = "-- report";

    private const string ExecutableInUse = "current/edgesparse-run";

    /// <summary>
    /// Makes a folder for the files and prints its name and facts of the device, one a line. Folders that connections that were cut
    /// left behind go after a day.
    /// </summary>
    public static string Prepare(string root) =>
        $$"""
        mkdir -p {{DeviceScripts.Quote(root)}}&&cd {{DeviceScripts.Quote(root)}}||exit 1
        find . -maxdepth 1 -name 'bench.?*' -type d -mmin +1440 -exec rm -rf {} +;echo "folder $(mktemp -d bench.XXXXXX)"
        echo "arch $(uname -m)";echo "cores $(getconf _NPROCESSORS_ONLN)"
        if [ -r /proc/device-tree/model ];then echo "model $(tr -d '\0'</proc/device-tree/model)";else m=$(grep -m1 '^model name' /proc/cpuinfo);echo "model ${m#*: }";fi
        [ -x {{ExecutableInUse}} ]&&echo "inuse 1";[ -f trusted.pub ]&&echo "key 1";:
        """;

    /// <summary>Takes a file from standard input.</summary>
    public static string Receive(string root, string folder, string name, long bytes, bool executable) =>
        $$"""
        cd {{DeviceScripts.Quote(root)}}/{{folder}}&&cat>{{DeviceScripts.Quote(name)}}&&[ $(wc -c<{{DeviceScripts.Quote(name)}}) = {{bytes}} ]{{(executable ? $"&&chmod 755 {DeviceScripts.Quote(name)}" : "")}}
        """;

    /// <summary>Verifies what was sent against the device's key, by the executable in use where there is one: the one sent is not trusted yet.</summary>
    public static string Verify(string root, string folder) =>
        $$"""
        cd {{DeviceScripts.Quote(root)}}||exit 1;v={{ExecutableInUse}};"$v" --help>/dev/null 2>&1||v={{folder}}/edgesparse-run
        "$v" {{folder}} --verify --key trusted.pub
        """;

    /// <summary>
    /// Times inferences and looks at the sensors before, once a second meanwhile, and after. Prints what they said, then the firmware's
    /// JSON. Two measurements at once would measure one another: the second is refused.
    /// </summary>
    /// <param name="root">Folder on the device.</param>
    /// <param name="folder">For this measurement, below it.</param>
    /// <param name="run">See <see cref="Command"/>.</param>
    /// <param name="system">Where sysfs is.</param>
    public static string Time(string root, string folder, string run, string system) =>
        $$"""
        cd {{DeviceScripts.Quote(root)}}||exit 1;{{Lock}}S={{DeviceScripts.Quote(system)}}
        r(){ [ -r "$3" ]&&read v<"$3"&&echo "$1 $2 $v";}
        look(){ n=0;for z in "$S"/class/thermal/thermal_zone*;do [ -r "$z/temp" ]&&n=1&&r "temp $1" "$(cat "$z/type"|tr ' ' _)" "$z/temp";done
        [ $n = 1 ]||for z in "$S"/class/hwmon/hwmon*;do r "temp $1" "$(cat "$z/name" 2>/dev/null|tr ' ' _)" "$z/temp1_input";done
        for c in "$S"/devices/system/cpu/cpu[0-9]*;do r "freq $1" "${c##*/}" "$c/cpufreq/scaling_cur_freq";r "most $1" "${c##*/}" "$c/cpufreq/cpuinfo_max_freq"
        r "count $1" "${c##*/}" "$c/thermal_throttle/core_throttle_count";done
        for z in "$S"/class/thermal/cooling_device*;do case "$(cat "$z/type" 2>/dev/null)" in *cpufreq*)r "cool $1" "${z##*/}" "$z/cur_state";;esac;done
        if t=$(vcgencmd get_throttled 2>/dev/null);then echo "pi $1 vcgencmd ${t#*=}";else r "pi $1" sysfs "$S/devices/platform/soc/soc:firmware/get_throttled";fi;:;}
        look before>{{folder}}/looks 2>/dev/null
        {{run}}>{{folder}}/report 2>{{folder}}/errors& p=$!
        sleep 1;while kill -0 $p 2>/dev/null;do look during>>{{folder}}/looks 2>/dev/null;sleep 1;done
        wait $p||{ c=$?;cat {{folder}}/errors>&2;exit $c;}
        look after>>{{folder}}/looks 2>/dev/null;cat {{folder}}/looks;echo '{{ReportMark}}';cat {{folder}}/report
        """;

    /// <summary>Runs the firmware alone: nothing else is to wake the device while its energy is measured.</summary>
    public static string Measure(string root, string run) => $"cd {DeviceScripts.Quote(root)}||exit 1;{Lock}{run}";

    /// <summary>The firmware's command line.</summary>
    /// <param name="folder">For this measurement.</param>
    /// <param name="executableSent">Whether its executable was sent.</param>
    /// <param name="blob">Name of the blob sent; null for the model in use.</param>
    /// <param name="hasManifest">Whether its manifest was sent too.</param>
    /// <param name="hasKey">Whether the device takes signed models alone.</param>
    /// <param name="options">What to do.</param>
    public static string Command(string folder, bool executableSent, string? blob, bool hasManifest, bool hasKey, string options)
    {
        string model = blob is null ? "current" : hasManifest ? folder : DeviceScripts.Quote($"{folder}/{blob}");
        return $"{(executableSent ? $"{folder}/edgesparse-run" : ExecutableInUse)} {model} {options} --json{(hasKey ? " --key trusted.pub" : "")}";
    }

    public static string Remove(string root, string folder) => $"cd {DeviceScripts.Quote(root)}&&rm -rf {folder}";

    public static string BenchOption(long inferences, int threads) => string.Create(
        CultureInfo.InvariantCulture, $"--bench {inferences}{(threads == 1 ? "" : $" --threads {threads}")}");

    private const string Lock = "exec 9>bench.lock;flock -n 9||{ echo 'error: another measurement is at work'>&2;exit 8;};";
}
