using EdgeSparse.Cli;

return CommandTree.Run(args);
