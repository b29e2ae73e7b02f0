package dev.agentlab.cli;

import picocli.CommandLine.Command;

/// The commands about the keys that stored secrets are kept under.
@Command(
    name = "secrets",
    description = "Show and rotate the key that stored secrets are kept under.",
    synopsisSubcommandLabel = "COMMAND")
final class SecretsCommands {}
