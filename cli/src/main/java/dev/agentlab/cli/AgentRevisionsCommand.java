package dev.agentlab.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// The `agent revisions` command.
@Command(name = "revisions", description = "List the revisions of an agent, newest first.")
final class AgentRevisionsCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(paramLabel = "AGENT", description = "The name or id of the agent.")
  private String agent = "";

  @Mixin private final PageInput pages = new PageInput();

  AgentRevisionsCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ApiClient api = context.api();
    RevisionedResources agents = RevisionedResources.agents(api);
    JsonNode page = pages.read(api, agents.revisionsPath(agent), Map.of());
    context.printTable(page, () -> table(page, new AgentPrinter(api)));
    PageInput.notePosition(context, page, "revisions");
    return ExitCode.OK.number();
  }

  private static Table table(JsonNode page, AgentPrinter view) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode revision : page.path("data")) {
      JsonNode config = revision.path("config");
      rows.add(
          List.of(
              revision.path("revision").asString(""),
              revision.path("name").asString(""),
              AgentPrinter.model(config),
              view.provider(config),
              RelativeTime.format(revision.path("created_at").asString(""))));
    }
    return new Table(List.of("REVISION", "NAME", "MODEL", "PROVIDER", "CREATED"), rows);
  }
}
