package dev.agentlab.cli;

import picocli.CommandLine.Command;

/// The `audit` command, which groups the commands for the audit trail.
@Command(
    name = "audit",
    description = "Read the audit trail and verify its integrity.",
    synopsisSubcommandLabel = "COMMAND")
final class AuditCommands {}
