package dev.agentlab.cli;

import dev.agentlab.cli.Terminal.Keyboard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Prompts for the missing values of a new agent. Without a terminal, fails with a list of the
/// required flags instead.
record AgentQuestions(CommandContext context, ProvidersApi providers) {
  private static final String NAME = "The name of the agent\nname: ";
  private static final String MODEL = "The name of the model at the provider\nmodel: ";
  private static final String SYSTEM = "The system prompt\nsystem (Enter for none): ";
  private static final Duration MODELS_TIMEOUT = Duration.ofSeconds(5);
  private static final int MAX_MODELS = 20;
  private static final int MAX_PROVIDERS = 50;

  /// Sets the missing values of an agent. Prompts only if a required value is missing, and then for
  /// optional values too.
  ///
  /// @return whether it prompted
  /// @throws CommandFailure if a value is missing and there is no terminal, or the input ends
  boolean complete(ObjectNode agent, ObjectNode config) throws InterruptedException {
    boolean hasName = !agent.path("name").asString("").isEmpty();
    boolean hasRoute = AgentFlags.hasRoute(config);
    boolean hasProvider = hasRoute || config.has("provider") || config.has("provider_id");
    boolean hasModel = hasRoute || !AgentPrinter.model(config).isEmpty();
    List<String> missing =
        Stream.of(
                hasName ? "" : "NAME: the name of the agent",
                hasProvider
                    ? ""
                    : "--provider PROVIDER: the name or id of a registered provider, or --route ROUTE",
                hasModel ? "" : "--model MODEL: the name of the model at the provider")
            .filter(line -> !line.isEmpty())
            .toList();
    if (missing.isEmpty()) {
      return false;
    }
    Keyboard keyboard = context.terminal().requireKeyboard(missing);
    if (!hasName) {
      agent.put("name", askRequired(keyboard, NAME));
    }
    if (!hasProvider) {
      AgentFlags.setProviderId(config, askProvider(keyboard));
    }
    if (!hasModel) {
      AgentFlags.getOrCreateObject(config, "model").put("name", askModel(keyboard, config));
    }
    if (!config.has("system_prompt")) {
      config.put("system_prompt", ask(keyboard, SYSTEM));
    }
    return true;
  }

  /// Prompts again for values that the service rejects.
  FieldCorrection correction(ObjectNode agent, ObjectNode config) {
    return new FieldCorrection(
        context.terminal(),
        List.of("name", "config.model.name", "config.system_prompt")::contains,
        field -> {
          Keyboard keyboard = context.terminal().requireKeyboard(List.of(field));
          switch (field) {
            case "name" -> agent.put("name", askRequired(keyboard, NAME));
            case "config.model.name" ->
                AgentFlags.getOrCreateObject(config, "model")
                    .put("name", askRequired(keyboard, MODEL));
            default -> config.put("system_prompt", ask(keyboard, SYSTEM));
          }
        });
  }

  private String askProvider(Keyboard keyboard) {
    ResourceClient registry = providers.registry();
    List<JsonNode> known =
        new ArrayList<>(
            registry
                .api()
                .get(registry.path() + "?page_size=" + MAX_PROVIDERS)
                .body()
                .path("data")
                .values());
    if (known.isEmpty()) {
      throw new CommandFailure(
          ExitCode.FAILURE, "no provider is registered; add one with `agent-lab provider add`");
    }
    printChoices(
        known.stream()
            .map(it ->
                "%s (%s)"
                    .formatted(
                        it.path("name").asString(""), it.path("config").path("name").asString("")))
            .toList(),
        "");
    while (true) {
      String answer = askRequired(keyboard, "provider (a number or a name): ");
      Optional<JsonNode> chosen = findChoice(answer, known);
      try {
        return chosen.isPresent() ? chosen.get().path("id").asString("") : registry.idOf(answer);
      } catch (CommandFailure e) {
        if (e.code() != ExitCode.NOT_FOUND) {
          throw e;
        }
        context.printNote(e.message());
      }
    }
  }

  private String askModel(Keyboard keyboard, JsonNode config) throws InterruptedException {
    List<String> known = listModels(config.path("provider_id").asString(""));
    if (known.isEmpty()) {
      return askRequired(keyboard, MODEL);
    }
    List<String> shown = known.stream().limit(MAX_MODELS).toList();
    int more = known.size() - shown.size();
    printChoices(shown, more == 0 ? "" : "and %d more; type the name".formatted(more));
    String answer = askRequired(keyboard, "model (a number or a name): ");
    return findChoice(answer, shown).orElse(answer);
  }

  /// The models of a registered provider; empty if the list is not available.
  private List<String> listModels(String providerId) throws InterruptedException {
    if (providerId.isEmpty()) {
      return List.of();
    }
    return providers
        .models(providerId, MODELS_TIMEOUT)
        .path("data")
        .valueStream()
        .map(model -> model.path("id").asString(""))
        .toList();
  }

  private void printChoices(List<String> choices, String more) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < choices.size(); i++) {
      lines.add("%4d  %s".formatted(i + 1, choices.get(i)));
    }
    if (!more.isEmpty()) {
      lines.add("      " + more);
    }
    context.printNote(String.join("\n", lines));
  }

  /// The choice with the given number; empty if the text is not the number of a choice.
  private static <T> Optional<T> findChoice(String answer, List<T> choices) {
    if (!answer.matches("[1-9][0-9]{0,3}") || Integer.parseInt(answer) > choices.size()) {
      return Optional.empty();
    }
    return Optional.of(choices.get(Integer.parseInt(answer) - 1));
  }

  private String askRequired(Keyboard keyboard, String prompt) {
    String answer = ask(keyboard, prompt);
    while (answer.isEmpty()) {
      context.printError("a value is required");
      answer = ask(keyboard, prompt);
    }
    return answer;
  }

  private static String ask(Keyboard keyboard, String prompt) {
    return keyboard.readLine(prompt).orElseThrow(Keyboard::inputEnded).strip();
  }
}
