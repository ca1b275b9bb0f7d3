namespace EdgeSparse.Targets.Deploying;

/// <summary>
/// What a device is asked to do, as POSIX shell. Two slots, <c>slots/a</c> and <c>slots/b</c>, and the link <c>current</c> to the one in
/// use: that link is only ever replaced by renaming another over it. A slot that is being filled carries the token of who fills it,
/// and every step on it happens under a lock and only while that token is there: a deployment that was cut off cannot meddle with
/// the next one. Output goes to a file first: a step does not fail because nobody listens any more.
/// </summary>
internal static class DeviceScripts
{
    /// <summary>Exit code of a script: the device lacks a program.</summary>
    public const int Lacking = 3;

    /// <summary>Exit code: another deployment has the slot or the lock.</summary>
    public const int TakenOver = 8;

    /// <summary>Exit code: the new model was refused and nothing was switched.</summary>
    public const int Refused = 4;

    /// <summary>Exit code: switched and gone back again.</summary>
    public const int WentBack = 7;

    /// <summary>Of SHA-256, by which manifests and keys are compared: 128 bits.</summary>
    public const int DigestDigits = 32;

    private const string Lock = "exec 9>lock;flock -w 60 9||{ echo 'error: another deployment is at work'>&2;exit 8;};";

    /// <summary>Prints one fact a line: name, blank, value.</summary>
    public static string Probe(string root) =>
        $$"""
        echo "arch $(uname -m)";echo "time $(date +%s)";for p in flock sha256sum;do command -v $p>/dev/null||echo "lacks $p";done
        cd {{Quote(root)}} 2>/dev/null;r=$?;df -Pk .|{ read x;read x x x f x;echo "free $f";};[ $r = 0 ]||exit 0
        h(){ [ -f $2 ]&&echo "$1 $(sha256sum<$2|cut -c-{{DigestDigits}})";};echo "current $(readlink current)"
        h a slots/a/manifest.json;h b slots/b/manifest.json;h key trusted.pub;:
        """;

    /// <summary>Whether the model in use answers: the server, where one runs, else its self-test.</summary>
    public static string Check(string root) =>
        $"""
        cd {Quote(root)}||exit 1;k=;[ -f trusted.pub ]&&k='--key trusted.pub'
        if [ -S socket ]&&current/edgesparse-run --ask unix:socket 2>/dev/null;then :;else current/edgesparse-run current --self-test $k;fi
        """;

    /// <summary>The manifests of both slots, each on a line after its slot's name.</summary>
    public static string Manifests(string root) =>
        $"cd {Quote(root)}||exit 1;for s in a b;do [ -f slots/$s/manifest.json ]&&echo \"$s $(cat slots/$s/manifest.json)\";done;:";

    /// <summary>
    /// Takes a slot: from now on it counts as no model. Files that are on the device already, by their digests, are linked into it.
    /// Prints the names of those that have to be sent.
    /// </summary>
    /// <param name="root">Folder on the device.</param>
    /// <param name="slot"><c>a</c> or <c>b</c>.</param>
    /// <param name="current">Where the link led when the slot was chosen.</param>
    /// <param name="token">Of this deployment.</param>
    /// <param name="files">Names and digests.</param>
    public static string Prepare(string root, string slot, string current, string token, IEnumerable<(string Name, string Sha256)> files) =>
        $$"""
        mkdir -p {{Quote(root)}}/slots/a {{Quote(root)}}/slots/b&&cd {{Quote(root)}}||exit 1
        {{Lock}}[ "$(readlink current)" = {{Quote(current)}} ]||{ echo 'error: another deployment has just switched models; run this again'>&2;exit 8;}
        cd slots/{{slot}}&&rm -f manifest.json manifest.sig *.part&&echo {{token}} >owner||exit 1
        n(){ for f in ../a/* ../b/*;do [ -f "$f" ]&&case "$(sha256sum<"$f")" in "$2"*)
        [ "$f" -ef "$1" ]||{ { ln -f "$f" "$1.part" 2>/dev/null||cp "$f" "$1.part";}&&mv -f "$1.part" "$1";}||exit 1;return;;esac;done;echo "$1";}
        {{string.Join('\n', files.Select(f => $"n {Quote(f.Name)} {f.Sha256}"))}}
        """;

    /// <summary>Takes a file from standard input; what is shorter than it should be is thrown away.</summary>
    public static string Receive(string root, string slot, string token, string name, long bytes, bool executable) =>
        $$"""
        cd {{Quote(root)}}/slots/{{slot}}||exit 1;p={{Quote(name)}}.{{token}}.part
        cat>"$p"&&sync "$p"&&[ $(wc -c<"$p") = {{bytes}} ]{{(executable ? "&&chmod 755 \"$p\"" : "")}}||{ rm -f "$p";exit 1;}
        cd ../..;{{Lock}}cd slots/{{slot}};[ "$(cat owner)" = {{token}} ]||{ rm -f "$p";echo 'error: another deployment has taken over'>&2;exit 8;}
        mv -f "$p" {{Quote(name)}}
        """;

    /// <summary>Puts the public key in place where there is none yet.</summary>
    public static string ReceiveKey(string root) =>
        $"mkdir -p {Quote(root)}&&cd {Quote(root)}&&cat>trusted.new&&ln trusted.new trusted.pub;r=$?;rm -f trusted.new;exit $r";

    /// <summary>
    /// Verifies a slot with the executable in use (of which the signature was verified when it was put there), tries its model with
    /// its own executable, switches to it, asks the server where one runs, and goes back when that does not work out. Runs to its
    /// end also when the connection is lost.
    /// </summary>
    /// <param name="root">Folder on the device.</param>
    /// <param name="slot"><c>a</c> or <c>b</c>.</param>
    /// <param name="token">Of this deployment; null for a rollback, which takes the slot as it is.</param>
    /// <param name="blobSha256">What a server must say that it serves.</param>
    /// <param name="mayBeOlder">Whether the order in the manifests does not matter.</param>
    /// <param name="healthSeconds">How long a server has to take over the model.</param>
    public static string Activate(string root, string slot, string? token, string blobSha256, bool mayBeOlder, int healthSeconds) =>
        $$"""
        trap '' HUP PIPE;cd {{Quote(root)}}||exit 1;{{Lock}}n=slots/{{slot}};o=$(readlink current)
        {{(token is null ? "" : $"[ \"$(cat $n/owner)\" = {token} ]||{{ echo 'error: another deployment has taken over'>&2;exit 8;}}")}}
        k=;[ -f trusted.pub ]&&k='--key trusted.pub';v=$o/edgesparse-run;"$v" --help>/dev/null 2>&1||v=$n/edgesparse-run
        s=;[ -S socket ]&&"$v" --ask unix:socket>/dev/null 2>&1&&s=1
        end(){ cat log>&2;exit $1;}
        "$v" $n --verify $k {{(mayBeOlder ? "" : "${o:+--over $o}")}}>log 2>&1||end 4
        $n/edgesparse-run $n --self-test $k>log 2>&1||{ [ -s log ]||echo 'error: the executable does not run on this device'>log;end 4;}
        to(){ ln -sfn $1 next&&mv -Tf next current;}
        ask(){ i=0;while [ $i -le {{healthSeconds}} ];do current/edgesparse-run --ask unix:socket 2>&1|tee log|grep -q '"sha256":"{{blobSha256}}"'&&return 0;sleep 1;i=$((i+1));done
        { echo;echo 'error: the server did not take over the model';}>>log;return 1;}
        well(){ if [ $s ];then ask;else current/edgesparse-run current --self-test $k>log 2>&1;fi;}
        sync;to $n>log 2>&1||end 6
        well||{ if [ "$o" ];then to $o;else rm -f current;fi;end 7;}
        cat log;cd $n&&rm -f owner *.part;:
        """;

    /// <summary>As one word of the shell, whatever characters it has.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
