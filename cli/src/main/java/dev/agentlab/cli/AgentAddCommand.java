package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The `agent add` command.
@Command(
    name = "add",
    description = {
      "Add an agent. On a terminal, prompts for missing values.",
      "",
      "  agent-lab agent add helper --provider local --model llama3.2",
      "  agent-lab agent add helper --route smart --system 'Answer in one sentence.'",
      "  agent-lab agent add --file agent.json --option chat.temperature=0.7",
      ""
    })
final class AgentAddCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "The name of the agent.")
  private Optional<String> name = Optional.empty();

  @Mixin private final AgentFlags flags = new AgentFlags();

  AgentAddCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    ApiClient api = context.api();
    ProvidersApi providers = new ProvidersApi(api);
    JsonNode file = flags.file(context.launchContext()).orElse(Json.MAPPER.missingNode());
    ObjectNode config =
        flags.applyTo(file.path("config"), providers.registry(), context.launchContext());
    ObjectNode agent =
        Json.MAPPER.createObjectNode().put("name", name.orElse(file.path("name").asString("")));
    AgentQuestions questions = new AgentQuestions(context, providers);
    boolean prompted = questions.complete(agent, config);
    agent.set("config", config);
    ResourceClient agents = RevisionedResources.agents(api).registry();
    JsonNode stored =
        prompted
            ? questions.correction(agent, config).send(() -> agents.create(agent))
            : agents.create(agent);
    String storedName = stored.path("name").asString("");
    context.printWarnings(stored);
    context.print(
        stored, () -> "added %s, id %s".formatted(storedName, stored.path("id").asString("")));
    return ExitCode.OK.number();
  }
}
