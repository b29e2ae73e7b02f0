package dev.agentlab.cli;

import picocli.CommandLine.Command;

/// The commands that connect other programs.
@Command(
    name = "connect",
    description = "Print what a program needs to use agent-lab.",
    synopsisSubcommandLabel = "COMMAND")
final class ConnectCommands {}
