package dev.agentlab.cli;

import dev.agentlab.json.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `connect openai`: prints what a program with a client of OpenAI needs, and tries it.
@Command(
    name = "openai",
    description = {
      "Print what a program with a client of OpenAI needs to call an agent or a model.",
      "",
      "  agent-lab connect openai --model helper --language python --new-key my-app",
      "  agent-lab connect openai --model openai/gpt-5 --test",
      ""
    })
final class ConnectOpenAiCommand extends ConnectCommand {
  @Option(
      names = "--language",
      paramLabel = "LANGUAGE",
      completionCandidates = ClientLanguage.Names.class,
      converter = ClientLanguage.Converter.class,
      defaultValue = "curl",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private ClientLanguage language = ClientLanguage.CURL;

  ConnectOpenAiCommand(CommandContext context) {
    super(context);
  }

  @Override
  String basePath() {
    return "/v1";
  }

  @Override
  Trial trial(String model) {
    return Trial.chat(model);
  }

  @Override
  void connect(Connection connection, ObjectNode result) {
    result.put("program", program(connection));
  }

  private String program(Connection connection) {
    return language.openAiProgram(Json.MAPPER.writeValueAsString(connection.model()));
  }

  @Override
  String text(Connection connection) {
    return """
    export OPENAI_BASE_URL='%s'
    export OPENAI_API_KEY='%s'

    %s\
    """
        .formatted(connection.baseUrl(), connection.key(), program(connection));
  }
}
