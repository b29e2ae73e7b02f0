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

/// The prompts for missing fields of a new provider. Without a terminal, the missing fields are
/// listed with their flags in an error.
final class ProviderQuestions {
  private static final Field NAME = field("name", "The name of the provider", List.of());
  private static final String OPTIONS = "config.options.";

  private final Terminal terminal;
  private final List<KindDescription> kinds;
  private boolean prompted;

  ProviderQuestions(Terminal terminal, List<KindDescription> kinds) {
    this.terminal = terminal;
    this.kinds = kinds;
  }

  /// Prompts for the name.
  String promptForName() {
    return promptFor(terminal.requireKeyboard(List.of("NAME")), NAME, true);
  }

  /// Prompts for the kind.
  KindDescription promptForKind() {
    List<String> names = kinds.stream().map(KindDescription::name).toList();
    Field kind = field("kind", "", names);
    String answer =
        promptFor(
            terminal.requireKeyboard(List.of("--kind KIND: one of " + String.join(", ", names))),
            kind,
            true);
    return ProviderFlags.requireKind(answer, kinds);
  }

  /// Prompts for the missing fields of the configuration. Does not prompt if all required fields
  /// are present; otherwise it prompts for optional fields too, except advanced ones and those that
  /// have no effect because of earlier input.
  void complete(KindDescription kind, ObjectNode config) {
    List<String> missing = missing(kind, config);
    if (missing.isEmpty()) {
      return;
    }
    ObjectNode options = (ObjectNode) config.path("options");
    List<Field> fields = unsetFields(kind, options);
    boolean noBaseUrl = !config.has("base_url");
    Keyboard keyboard = terminal.requireKeyboard(missing);
    if (noBaseUrl) {
      String url = promptFor(keyboard, kind.baseUrl(), kind.baseUrl().required());
      if (!url.isEmpty()) {
        config.put("base_url", url);
      }
    }
    for (Field field : fields) {
      if (!field.isAdvanced()
          && field.isEffective(option -> effectiveValue(option, kind, options))) {
        promptFor(keyboard, field, field.isRequiredAt(baseUrl(config)), options);
      }
    }
  }

  /// The missing required fields of the configuration, each with its flag.
  static List<String> missing(KindDescription kind, ObjectNode config) {
    return Stream.concat(
            Stream.of(kind.baseUrl()).filter(_ -> !config.has("base_url")),
            unsetFields(kind, (ObjectNode) config.path("options")).stream())
        .filter(field -> field.isRequiredAt(baseUrl(config)))
        .map(field -> flag(field) + ": " + field.description())
        .toList();
  }

  private static List<Field> unsetFields(KindDescription kind, ObjectNode options) {
    return kind.options().stream().filter(field -> !options.has(field.name())).toList();
  }

  /// Creates the provider. If the service rejects fields, prompts for them again, provided that the
  /// user was prompted before.
  JsonNode create(KindDescription kind, ObjectNode provider, Supplier<JsonNode> request) {
    FieldCorrection correction =
        new FieldCorrection(
            terminal,
            field -> prompted && isKnown(field, kind),
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
    Keyboard keyboard = terminal.requireKeyboard(List.of(field));
    ObjectNode config = (ObjectNode) provider.path("config");
    switch (field) {
      case "name" -> provider.put("name", promptFor(keyboard, NAME, true));
      case "config.base_url" ->
          promptFor(keyboard, kind.baseUrl(), kind.baseUrl().required(), config);
      default -> {
        ObjectNode options = (ObjectNode) config.path("options");
        Field option = kind.option(field.substring(OPTIONS.length())).orElseThrow();
        // A field that is rejected although it is missing is required.
        boolean required =
            option.isRequiredAt(baseUrl(config)) || options.path(option.name()).isMissingNode();
        promptFor(keyboard, option, required, options);
      }
    }
  }

  /// Prompts for a member of an object and removes the member if the input is empty.
  private void promptFor(Keyboard keyboard, Field field, boolean required, ObjectNode parent) {
    String answer = promptFor(keyboard, field, required);
    if (answer.isEmpty()) {
      parent.remove(field.name());
    } else {
      parent.set(field.name(), ProviderFlags.parseValue(answer, field.type()));
    }
  }

  /// The effective value of an option: its value or the default.
  private static String effectiveValue(String option, KindDescription kind, ObjectNode options) {
    return options
        .path(option)
        .asString(kind.option(option).flatMap(Field::defaultValue).orElse(""));
  }

  private static String baseUrl(ObjectNode config) {
    return config.path("base_url").asString("");
  }

  private static String flag(Field field) {
    if (field.secret()) {
      return ProviderFlags.secretFlagsFor(field.name());
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

  /// Prompts until the input is valid and prints the error of invalid input. Returns an empty text
  /// for an optional field without a value.
  private String promptFor(Keyboard keyboard, Field field, boolean required) {
    prompted = true;
    while (true) {
      String prompt = formatPrompt(field, required);
      String answer =
          (field.secret() ? keyboard.readSecret(prompt) : keyboard.readLine(prompt))
              .orElseThrow(Terminal.Keyboard::inputEnded)
              .strip();
      if (answer.isEmpty() && (field.defaultValue().isPresent() || !required)) {
        return required ? field.defaultValue().orElseThrow() : "";
      }
      Optional<String> error =
          answer.isEmpty() ? Optional.of("is required") : field.validate(answer);
      if (error.isEmpty()) {
        return answer;
      }
      terminal.err().println(Terminal.sanitize(field.name() + " " + error.get()));
      terminal.err().flush();
    }
  }

  private static String formatPrompt(Field field, boolean required) {
    List<String> remarks = new ArrayList<>();
    if (field.type().equals("array")) {
      remarks.add("separated by commas");
    }
    if (!field.choices().isEmpty()) {
      remarks.add(String.join(" | ", field.choices()));
    }
    if (field.defaultValue().isPresent()) {
      remarks.add("Enter for " + field.defaultValue().get());
    } else if (!required) {
      remarks.add("Enter for none");
    }
    String about = field.description().isEmpty() ? "" : field.description() + "\n";
    return Terminal.sanitize(
        "%s%s%s: "
            .formatted(
                about,
                field.name(),
                remarks.isEmpty() ? "" : " (%s)".formatted(String.join("; ", remarks))));
  }
}
