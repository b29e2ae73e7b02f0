package dev.agentlab.cli;

import picocli.CommandLine.Command;

/// The `agent` command, which groups the commands for agents.
@Command(
    name = "agent",
    description = "Manage agents and chat with them.",
    synopsisSubcommandLabel = "COMMAND")
final class AgentCommands {}
