package dev.agentlab.cli;

import picocli.CommandLine.Command;

/// The `calls` command, which groups the commands for the records of model calls.
@Command(
    name = "calls",
    description = "Read the records of model calls.",
    synopsisSubcommandLabel = "COMMAND")
final class CallsCommands {}
