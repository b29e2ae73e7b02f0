package dev.agentlab.cli;

import dev.agentlab.cli.KindDescription.Field;
import dev.agentlab.cli.Terminal.Keyboard;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/// What has to be known about a new provider and was not said: asked of the person at the keyboard,
/// or, where there is none, listed with the flags that say it.
record ProviderQuestions(Terminal terminal, List<KindDescription> kinds) {

  /// The name, asked for.
  String name() {
    return ask(terminal.person(List.of("NAME")), text("name", "What to call the provider"), true);
  }

  /// The kind, asked for.
  KindDescription kind() {
    List<String> names = kinds.stream().map(KindDescription::name).toList();
    Field kind =
        new Field("kind", "", "string", names, Optional.empty(), true, Optional.empty(), false);
    String answer =
        ask(
            terminal.person(List.of("--kind KIND: one of " + String.join(", ", names))),
            kind,
            true);
    return ProviderInput.known(answer, kinds);
  }

  /// Puts into the configuration what is missing. If all that is required is there, nothing is
  /// asked; otherwise optional fields are asked for too.
  void complete(KindDescription kind, ObjectNode config) {
    ObjectNode options = (ObjectNode) config.path("options");
    List<Field> fields =
        kind.options().stream().filter(field -> !options.has(field.name())).toList();
    boolean noBaseUrl = !config.has("base_url");
    List<String> missing =
        Stream.concat(Stream.of(kind.baseUrl()).filter(_ -> noBaseUrl), fields.stream())
            .filter(field -> field.isRequiredAt(baseUrl(config)))
            .map(field -> flag(field) + ": " + field.description())
            .toList();
    if (missing.isEmpty()) {
      return;
    }
    Keyboard person = terminal.person(missing);
    if (noBaseUrl) {
      String url = ask(person, kind.baseUrl(), kind.baseUrl().required());
      if (!url.isEmpty()) {
        config.put("base_url", url);
      }
    }
    for (Field field : fields) {
      String answer = ask(person, field, field.isRequiredAt(baseUrl(config)));
      if (!answer.isEmpty()) {
        options.set(field.name(), ProviderInput.value(answer, field.type()));
      }
    }
  }

  private static String baseUrl(ObjectNode config) {
    return config.path("base_url").asString("");
  }

  private static String flag(Field field) {
    if (field.secret()) {
      return ProviderInput.ways(field.name());
    }
    return field.name().equals("base_url")
        ? "--base-url URL"
        : "--option %s=VALUE".formatted(field.name());
  }

  private static Field text(String name, String description) {
    return new Field(
        name, description, "string", List.of(), Optional.empty(), true, Optional.empty(), false);
  }

  /// Asks until the answer can be taken; empty text stands for no answer to what is optional.
  private static String ask(Keyboard person, Field field, boolean required) {
    while (true) {
      String prompt = prompt(field, required);
      String answer =
          (field.secret() ? person.secret(prompt) : person.line(prompt))
              .orElseThrow(Terminal.Keyboard::ended)
              .strip();
      if (answer.isEmpty() && (field.fallback().isPresent() || !required)) {
        return required ? field.fallback().orElseThrow() : "";
      }
      if (!answer.isEmpty() && (field.choices().isEmpty() || field.choices().contains(answer))) {
        return answer;
      }
    }
  }

  private static String prompt(Field field, boolean required) {
    List<String> remarks = new ArrayList<>();
    if (!field.choices().isEmpty()) {
      remarks.add(String.join(" | ", field.choices()));
    }
    if (field.fallback().isPresent()) {
      remarks.add("Enter for " + field.fallback().get());
    } else if (!required) {
      remarks.add("Enter for none");
    }
    String about = field.description().isEmpty() ? "" : field.description() + "\n";
    return Terminal.clean(
        "%s%s%s: "
            .formatted(
                about,
                field.name(),
                remarks.isEmpty() ? "" : " (%s)".formatted(String.join("; ", remarks))));
  }
}
