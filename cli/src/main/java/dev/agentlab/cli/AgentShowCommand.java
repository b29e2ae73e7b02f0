package dev.agentlab.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// The `agent show` command.
@Command(name = "show", description = "Show an agent or one of its revisions. Secrets are masked.")
final class AgentShowCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(paramLabel = "AGENT", description = "The name or id of the agent.")
  private String agent = "";

  @Option(
      names = "--revision",
      paramLabel = "N",
      description = "The revision to show; the newest by default.")
  private Optional<Long> revision = Optional.empty();

  AgentShowCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ApiClient api = context.api();
    RevisionedResources agents = RevisionedResources.agents(api);
    JsonNode found =
        revision
            .map(number -> agents.findRevision(agent, number))
            .orElseGet(() -> agents.registry().find(agent).body());
    context.print(found, () -> text(found, new AgentPrinter(api)));
    return ExitCode.OK.number();
  }

  private static String text(JsonNode agent, AgentPrinter view) {
    JsonNode config = agent.path("config");
    List<List<String>> rows = new ArrayList<>();
    ResourcePrinter.addIfPresent(rows, agent, "id");
    ResourcePrinter.addIfPresent(rows, agent, "revision");
    if (AgentFlags.hasRoute(config)) {
      rows.add(List.of("route", AgentPrinter.route(config)));
    } else {
      rows.add(List.of("provider", view.provider(config)));
      rows.add(List.of("model", AgentPrinter.model(config)));
    }
    ResourcePrinter.settings("", config.path("model").path("capabilities"))
        .filter(row -> !row.getLast().equals("{}"))
        .forEach(rows::add);
    ResourcePrinter.settings("", config.path("client")).forEach(rows::add);
    ResourcePrinter.addIfPresent(rows, agent, "created_at");
    ResourcePrinter.addIfPresent(rows, agent, "updated_at");
    String table = new Table(List.of("name", agent.path("name").asString("")), rows).text();
    String system = config.path("system_prompt").asString("");
    return system.isEmpty() ? table : table + "\n\nsystem prompt:\n" + system.stripTrailing();
  }
}
