package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The `agent update` command.
@Command(
    name = "update",
    description = {
      "Update an agent. Changes only what the flags set, and creates a new revision.",
      "",
      "  agent-lab agent update helper --model qwen3 --option chat.temperature=0",
      "  agent-lab agent update helper --unset chat.temperature",
      ""
    })
final class AgentUpdateCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(paramLabel = "AGENT", description = "The name or id of the agent.")
  private String agent = "";

  @Option(names = "--name", paramLabel = "NAME", description = "The new name.")
  private Optional<String> name = Optional.empty();

  @Mixin private final AgentFlags flags = new AgentFlags();

  @Option(
      names = "--unset",
      paramLabel = "CAPABILITY.KEY",
      description = "A default request option to remove; may be repeated.")
  private List<String> unset = new ArrayList<>();

  AgentUpdateCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    if (name.isEmpty() && flags.isEmpty() && unset.isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE, "nothing to update; pass --name, --model or another flag");
    }
    ApiClient api = context.api();
    ResourceClient agents = RevisionedResources.agents(api).registry();
    ResourceClient providers = new ProvidersApi(api).registry();
    JsonNode file = flags.file(context.launchContext()).orElse(Json.MAPPER.missingNode());
    ApiResponse read = agents.find(agent);
    JsonNode base = file.isMissingNode() ? read.body().path("config") : file.path("config");
    ObjectNode config = flags.applyTo(base, providers, context.launchContext());
    unset.forEach(option -> unset(config, option));
    String currentName = file.path("name").asString(read.body().path("name").asString(""));
    ObjectNode changed = Json.MAPPER.createObjectNode().put("name", name.orElse(currentName));
    changed.set("config", config);
    JsonNode stored = agents.replace(read, changed);
    context.printWarnings(stored);
    context.print(stored, () -> ResourcePrinter.updated(read.body(), stored));
    return ExitCode.OK.number();
  }

  private static void unset(ObjectNode config, String option) {
    String[] parts = AgentFlags.splitOption(option);
    if (config.path("model").path("capabilities").path(parts[0]) instanceof ObjectNode options) {
      options.remove(parts[1]);
    }
  }
}
