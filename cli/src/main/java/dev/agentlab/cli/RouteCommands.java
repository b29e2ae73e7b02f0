package dev.agentlab.cli;

import picocli.CommandLine.Command;

/// The `route` command, which groups the commands for model routes.
@Command(
    name = "route",
    description = "Manage model routes: names for which calls go to one of several targets.",
    synopsisSubcommandLabel = "COMMAND")
final class RouteCommands {}
