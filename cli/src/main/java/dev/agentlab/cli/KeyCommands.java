package dev.agentlab.cli;

import picocli.CommandLine.Command;

/// The commands for API keys.
@Command(
    name = "key",
    description = "Create, list, rotate and revoke API keys.",
    synopsisSubcommandLabel = "COMMAND")
final class KeyCommands {}
