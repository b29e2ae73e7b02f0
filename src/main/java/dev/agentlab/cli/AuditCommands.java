package dev.agentlab.cli;

import picocli.CommandLine.Command;

/// The commands about the record of changes.
@Command(
    name = "audit",
    description = "Read who changed what, and prove that the record is whole.",
    synopsisSubcommandLabel = "COMMAND")
final class AuditCommands {}
