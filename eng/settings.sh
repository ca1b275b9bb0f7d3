# Sourced by the scripts at the root: settings of every dotnet command that they run.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# A build node kept alive by one command would hold the pipes of a caller that waits for them to close.
export MSBUILDDISABLENODEREUSE=1
