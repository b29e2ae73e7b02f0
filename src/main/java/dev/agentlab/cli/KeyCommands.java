package dev.agentlab.cli;

import picocli.CommandLine.Command;

/// The commands about API keys.
@Command(
    name = "key",
    description = "Make, list, replace and revoke the keys that callers of the service show.",
    synopsisSubcommandLabel = "COMMAND")
final class KeyCommands {}
