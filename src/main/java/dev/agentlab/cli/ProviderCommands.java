package dev.agentlab.cli;

import picocli.CommandLine.Command;

/// The commands about providers.
@Command(
    name = "provider",
    description = "Add, list, test and change providers of language models.",
    synopsisSubcommandLabel = "COMMAND")
final class ProviderCommands {}
