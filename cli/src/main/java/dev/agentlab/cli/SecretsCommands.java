package dev.agentlab.cli;

import picocli.CommandLine.Command;

/// The commands for the key-encryption key of stored secrets.
@Command(
    name = "secrets",
    description = "Show and rotate the key-encryption key of stored secrets.",
    synopsisSubcommandLabel = "COMMAND")
final class SecretsCommands {}
