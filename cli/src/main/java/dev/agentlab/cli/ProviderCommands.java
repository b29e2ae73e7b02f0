package dev.agentlab.cli;

import picocli.CommandLine.Command;

/// The commands for providers.
@Command(
    name = "provider",
    description = "Add, list, test, update and remove providers of language models.",
    synopsisSubcommandLabel = "COMMAND")
final class ProviderCommands {}
