package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `agent add`: keeps a new agent.
@Command(
    name = "add",
    description = {
      "Add an agent. On a terminal, what is missing is asked for.",
      "",
      "  agent-lab agent add helper --provider local --model llama3.2",
      "  agent-lab agent add --file agent.json --option chat.temperature=0.7",
      ""
    })
final class AgentAddCommand implements Callable<Integer> {
  private final CommandContext session;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "What to call it.")
  private Optional<String> name = Optional.empty();

  @Mixin private final AgentFlags input = new AgentFlags();

  AgentAddCommand(CommandContext session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    ApiClient api = session.api();
    ProvidersApi providers = new ProvidersApi(api);
    JsonNode file = input.file(session.surroundings()).orElse(Json.MAPPER.missingNode());
    ObjectNode config =
        input.over(file.path("config"), providers.registry(), session.surroundings());
    ObjectNode agent =
        Json.MAPPER.createObjectNode().put("name", name.orElse(file.path("name").asString("")));
    AgentQuestions questions = new AgentQuestions(session, providers);
    boolean asked = questions.complete(agent, config);
    agent.set("config", config);
    ResourceClient agents = new AgentsApi(api).registry();
    JsonNode kept =
        asked
            ? questions.correction(agent, config).send(() -> agents.create(agent))
            : agents.create(agent);
    String called = kept.path("name").asString("");
    session.noteWarnings(kept);
    session.print(kept, () -> "added %s, id %s".formatted(called, kept.path("id").asString("")));
    return ExitCode.OK.number();
  }
}
