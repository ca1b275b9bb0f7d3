namespace EdgeSparse.Targets.Publishing.Packages;

/// <summary>
/// The unit of a model's service. It runs as a user of its own that exists while it runs, sees the system read-only and no devices, and
/// can reach nothing but its socket: what a malformed request or a wrong model could do ends there.
/// </summary>
internal static class SystemdUnit
{
    /// <param name="package">Name of the package, and of the folder below /run.</param>
    /// <param name="folder">Where executable, blob and manifest lie.</param>
    /// <param name="options">What it does.</param>
    public static string Text(string package, string folder, ServiceOptions options)
    {
        bool tcp = options.Serve is not null;
        string mode = options.Watch is { } watched ? $"--watch {Quote(watched)} --json" : $"--serve {Quote(options.Serve ?? $"unix:/run/{package}/socket")}";
        string families = tcp ? "AF_INET AF_INET6" : "AF_UNIX";
        return $"""
            [Unit]
            Description=EdgeSparse model {package}
            {(tcp ? "After=network-online.target\nWants=network-online.target\n" : "")}
            [Service]
            # Further options, such as EDGESPARSE_OPTIONS=--threads 4
            EnvironmentFile=-/etc/default/{package}
            ExecStart={folder}/{FirmwarePublisher.ExecutableName} {folder} {mode} $EDGESPARSE_OPTIONS
            {(options.Watch is null ? "# It looks for another model at once.\nExecReload=/bin/kill -HUP $MAINPID\n" : "")}Restart=on-failure
            RestartSec=2
            DynamicUser=yes
            RuntimeDirectory={package}
            # Whoever may enter the folder may ask; the service writes no file but its socket.
            UMask=0000
            NoNewPrivileges=yes
            CapabilityBoundingSet=
            ProtectSystem=strict
            ProtectHome={(options.Watch is null ? "yes" : "read-only")}
            PrivateTmp={(options.Watch is null ? "yes" : "no")}
            PrivateDevices=yes
            ProtectClock=yes
            ProtectControlGroups=yes
            ProtectHostname=yes
            ProtectKernelLogs=yes
            ProtectKernelModules=yes
            ProtectKernelTunables=yes
            ProtectProc=invisible
            RestrictAddressFamilies={families}
            RestrictNamespaces=yes
            RestrictRealtime=yes
            RestrictSUIDSGID=yes
            LockPersonality=yes
            MemoryDenyWriteExecute=yes
            {(tcp ? "" : "IPAddressDeny=any\n")}SystemCallArchitectures=native
            SystemCallFilter=@system-service
            SystemCallErrorNumber=EPERM

            [Install]
            WantedBy=multi-user.target

            """;
    }

    /// <summary>As one word of a command line of systemd's (systemd.service(5), "Command lines").</summary>
    private static string Quote(string word)
    {
        string text = word.Replace("%", "%%", StringComparison.Ordinal).Replace("$", "$$", StringComparison.Ordinal);
        return text.Any(c => c is ' ' or '"' or '\'' or '\\')
            ? $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""
            : text;
    }
}
