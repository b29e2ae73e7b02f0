package dev.agentlab.cli;

import picocli.CommandLine.Command;

/// The commands about agents.
@Command(
    name = "agent",
    description = "Add, list and change agents, and talk to them.",
    synopsisSubcommandLabel = "COMMAND")
final class AgentCommands {}
