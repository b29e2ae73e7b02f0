package dev.agentlab.cli;

import dev.agentlab.cli.Terminal.Keyboard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What has to be known about a new agent and was not said: asked of the person at the keyboard,
/// or, where there is none, listed with the flags that say it.
record AgentQuestions(CommandContext session, ProvidersApi providers) {
  private static final String NAME = "What to call the agent\nname: ";
  private static final String MODEL = "The model, as the provider knows it\nmodel: ";
  private static final String SYSTEM = "What the model is told first\nsystem (Enter for nothing): ";
  private static final Duration MODELS_WITHIN = Duration.ofSeconds(5);
  private static final int MODELS_SHOWN = 20;
  private static final int PROVIDERS_SHOWN = 50;

  /// Puts into an agent what is missing. If all that is required is there, nothing is asked;
  /// otherwise optional parts are asked for too.
  ///
  /// @return whether something was asked
  boolean complete(ObjectNode agent, ObjectNode config) throws InterruptedException {
    boolean named = !agent.path("name").asString("").isEmpty();
    boolean provided = config.has("provider") || config.has("provider_id");
    boolean modelled = !AgentPrinter.model(config).isEmpty();
    List<String> missing =
        Stream.of(
                named ? "" : "NAME: what to call the agent",
                provided ? "" : "--provider PROVIDER: the name or id of a registered provider",
                modelled ? "" : "--model MODEL: the model, as the provider knows it")
            .filter(line -> !line.isEmpty())
            .toList();
    if (missing.isEmpty()) {
      return false;
    }
    Keyboard person = session.terminal().person(missing);
    if (!named) {
      agent.put("name", required(person, NAME));
    }
    if (!provided) {
      AgentFlags.follow(config, provider(person));
    }
    if (!modelled) {
      AgentFlags.object(config, "model").put("name", model(person, config));
    }
    if (!config.has("system_prompt")) {
      config.put("system_prompt", ask(person, SYSTEM));
    }
    return true;
  }

  /// Asks again for what the service refuses of the answers.
  FieldCorrection correction(ObjectNode agent, ObjectNode config) {
    return new FieldCorrection(
        session.terminal(),
        List.of("name", "config.model.name", "config.system_prompt")::contains,
        field -> {
          Keyboard person = session.terminal().person(List.of(field));
          switch (field) {
            case "name" -> agent.put("name", required(person, NAME));
            case "config.model.name" ->
                AgentFlags.object(config, "model").put("name", required(person, MODEL));
            default -> config.put("system_prompt", ask(person, SYSTEM));
          }
        });
  }

  private String provider(Keyboard person) {
    ResourceClient registry = providers.registry();
    List<JsonNode> known =
        new ArrayList<>(
            registry
                .api()
                .get(registry.path() + "?page_size=" + PROVIDERS_SHOWN)
                .body()
                .path("data")
                .values());
    if (known.isEmpty()) {
      throw new CommandFailure(
          ExitCode.FAILURE, "no provider is registered; add one with `agent-lab provider add`");
    }
    offer(
        known.stream()
            .map(it ->
                "%s (%s)"
                    .formatted(
                        it.path("name").asString(""), it.path("config").path("name").asString("")))
            .toList(),
        "");
    while (true) {
      String answer = required(person, "provider (a number or a name): ");
      Optional<JsonNode> chosen = chosen(answer, known);
      try {
        return chosen.isPresent() ? chosen.get().path("id").asString("") : registry.idOf(answer);
      } catch (CommandFailure e) {
        if (e.code() != ExitCode.NOT_FOUND) {
          throw e;
        }
        session.note(e.message());
      }
    }
  }

  private String model(Keyboard person, JsonNode config) throws InterruptedException {
    List<String> known = models(config.path("provider_id").asString(""));
    if (known.isEmpty()) {
      return required(person, MODEL);
    }
    List<String> shown = known.stream().limit(MODELS_SHOWN).toList();
    int more = known.size() - shown.size();
    offer(shown, more == 0 ? "" : "and %d more, to be typed".formatted(more));
    String answer = required(person, "model (a number or a name): ");
    return chosen(answer, shown).orElse(answer);
  }

  /// The models of a registered provider; empty if they are not known.
  private List<String> models(String providerId) throws InterruptedException {
    if (providerId.isEmpty()) {
      return List.of();
    }
    return providers
        .models(providerId, MODELS_WITHIN)
        .path("data")
        .valueStream()
        .map(model -> model.path("id").asString(""))
        .toList();
  }

  private void offer(List<String> choices, String more) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < choices.size(); i++) {
      lines.add("%4d  %s".formatted(i + 1, choices.get(i)));
    }
    if (!more.isEmpty()) {
      lines.add("      " + more);
    }
    session.note(String.join("\n", lines));
  }

  /// The choice with the number that is the answer, if it is one.
  private static <T> Optional<T> chosen(String answer, List<T> choices) {
    if (!answer.matches("[1-9][0-9]{0,3}") || Integer.parseInt(answer) > choices.size()) {
      return Optional.empty();
    }
    return Optional.of(choices.get(Integer.parseInt(answer) - 1));
  }

  private String required(Keyboard person, String prompt) {
    String answer = ask(person, prompt);
    while (answer.isEmpty()) {
      session.complain("an answer is required");
      answer = ask(person, prompt);
    }
    return answer;
  }

  private static String ask(Keyboard person, String prompt) {
    return person.line(prompt).orElseThrow(Keyboard::ended).strip();
  }
}
