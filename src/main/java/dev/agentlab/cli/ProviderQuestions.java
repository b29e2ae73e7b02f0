package dev.agentlab.cli;

import dev.agentlab.cli.KindDescription.Field;
import dev.agentlab.cli.Terminal.Keyboard;
import dev.agentlab.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What has to be known about a new provider and was not said: asked of the person at the keyboard,
/// or, where there is none, listed with the flags that say it.
final class ProviderQuestions {
  private static final Field NAME = field("name", "What to call the provider", List.of());
  private static final String OPTIONS = "config.options.";

  private final Terminal terminal;
  private final List<KindDescription> kinds;
  private boolean asked;

  ProviderQuestions(Terminal terminal, List<KindDescription> kinds) {
    this.terminal = terminal;
    this.kinds = kinds;
  }

  /// The name, asked for.
  String name() {
    return ask(terminal.person(List.of("NAME")), NAME, true);
  }

  /// The kind, asked for.
  KindDescription kind() {
    List<String> names = kinds.stream().map(KindDescription::name).toList();
    Field kind = field("kind", "", names);
    String answer =
        ask(
            terminal.person(List.of("--kind KIND: one of " + String.join(", ", names))),
            kind,
            true);
    return ProviderFlags.known(answer, kinds);
  }

  /// Puts into the configuration what is missing. If all that is required is there, nothing is
  /// asked; otherwise optional fields are asked for too, unless an answer before makes them
  /// useless.
  void complete(KindDescription kind, ObjectNode config) {
    List<String> missing = missing(kind, config);
    if (missing.isEmpty()) {
      return;
    }
    ObjectNode options = (ObjectNode) config.path("options");
    List<Field> fields = unset(kind, options);
    boolean noBaseUrl = !config.has("base_url");
    Keyboard person = terminal.person(missing);
    if (noBaseUrl) {
      String url = ask(person, kind.baseUrl(), kind.baseUrl().required());
      if (!url.isEmpty()) {
        config.put("base_url", url);
      }
    }
    for (Field field : fields) {
      if (field.isUsed(option -> value(option, kind, options))) {
        ask(person, field, field.isRequiredAt(baseUrl(config)), options);
      }
    }
  }

  /// What is required and not in the configuration, each with the flag that gives it.
  static List<String> missing(KindDescription kind, ObjectNode config) {
    return Stream.concat(
            Stream.of(kind.baseUrl()).filter(_ -> !config.has("base_url")),
            unset(kind, (ObjectNode) config.path("options")).stream())
        .filter(field -> field.isRequiredAt(baseUrl(config)))
        .map(field -> flag(field) + ": " + field.description())
        .toList();
  }

  private static List<Field> unset(KindDescription kind, ObjectNode options) {
    return kind.options().stream().filter(field -> !options.has(field.name())).toList();
  }

  /// Creates the provider. What the service refuses is asked for again if answers are among it.
  JsonNode create(KindDescription kind, ObjectNode provider, Supplier<JsonNode> request) {
    FieldCorrection correction =
        new FieldCorrection(
            terminal,
            field -> asked && isKnown(field, kind),
            field -> correct(field, kind, provider));
    return correction.send(request);
  }

  private static boolean isKnown(String field, KindDescription kind) {
    return field.equals("name")
        || field.equals("config.base_url")
        || (field.startsWith(OPTIONS)
            && kind.option(field.substring(OPTIONS.length())).isPresent());
  }

  private void correct(String field, KindDescription kind, ObjectNode provider) {
    Keyboard person = terminal.person(List.of(field));
    ObjectNode config = (ObjectNode) provider.path("config");
    switch (field) {
      case "name" -> provider.put("name", ask(person, NAME, true));
      case "config.base_url" -> ask(person, kind.baseUrl(), kind.baseUrl().required(), config);
      default -> {
        ObjectNode options = (ObjectNode) config.path("options");
        Field option = kind.option(field.substring(OPTIONS.length())).orElseThrow();
        // What is refused without having been given must be given.
        boolean required =
            option.isRequiredAt(baseUrl(config)) || options.path(option.name()).isMissingNode();
        ask(person, option, required, options);
      }
    }
  }

  /// Asks for a member of an object, which is absent after no answer.
  private void ask(Keyboard person, Field field, boolean required, ObjectNode of) {
    String answer = ask(person, field, required);
    if (answer.isEmpty()) {
      of.remove(field.name());
    } else {
      of.set(field.name(), ProviderFlags.value(answer, field.type()));
    }
  }

  /// The value of an option that counts.
  private static String value(String option, KindDescription kind, ObjectNode options) {
    return options.path(option).asString(kind.option(option).flatMap(Field::fallback).orElse(""));
  }

  private static String baseUrl(ObjectNode config) {
    return config.path("base_url").asString("");
  }

  private static String flag(Field field) {
    if (field.secret()) {
      return ProviderFlags.ways(field.name());
    }
    return field.name().equals("base_url")
        ? "--base-url URL"
        : "--option %s=VALUE".formatted(field.name());
  }

  private static Field field(String name, String description, List<String> choices) {
    return new Field(
        name,
        Json.MAPPER.missingNode(),
        description,
        "string",
        choices,
        Optional.empty(),
        true,
        Optional.empty(),
        false);
  }

  /// Asks until the answer can be taken, and says why one cannot; empty text stands for no answer
  /// to what is optional.
  private String ask(Keyboard person, Field field, boolean required) {
    asked = true;
    while (true) {
      String prompt = prompt(field, required);
      String answer =
          (field.secret() ? person.secret(prompt) : person.line(prompt))
              .orElseThrow(Terminal.Keyboard::ended)
              .strip();
      if (answer.isEmpty() && (field.fallback().isPresent() || !required)) {
        return required ? field.fallback().orElseThrow() : "";
      }
      Optional<String> fault = answer.isEmpty() ? Optional.of("is required") : field.fault(answer);
      if (fault.isEmpty()) {
        return answer;
      }
      terminal.err().println(Terminal.clean(field.name() + " " + fault.get()));
      terminal.err().flush();
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
