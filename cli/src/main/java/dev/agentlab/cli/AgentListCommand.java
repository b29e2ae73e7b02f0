package dev.agentlab.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/// The `agent list` command.
@Command(name = "list", description = "List agents.")
final class AgentListCommand implements Callable<Integer> {
  private final CommandContext context;

  @Mixin private final SearchInput input = new SearchInput();

  AgentListCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ApiClient api = context.api();
    JsonNode page = input.read(RevisionedResources.agents(api).registry());
    context.printTable(page, () -> table(page, new AgentPrinter(api)));
    PageInput.notePosition(context, page, "agents");
    return ExitCode.OK.number();
  }

  private static Table table(JsonNode page, AgentPrinter view) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode agent : page.path("data")) {
      JsonNode config = agent.path("config");
      rows.add(
          List.of(
              agent.path("name").asString(""),
              AgentPrinter.model(config),
              view.provider(config),
              agent.path("revision").asString(""),
              agent.path("id").asString(""),
              RelativeTime.format(agent.path("updated_at").asString(""))));
    }
    return new Table(List.of("NAME", "MODEL", "PROVIDER", "REVISION", "ID", "UPDATED"), rows);
  }
}
