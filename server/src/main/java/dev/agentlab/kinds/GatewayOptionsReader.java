package dev.agentlab.kinds;

import dev.agentlab.security.ModelPattern;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// The options of every kind, which determine the models that the gateway offers, and how they are
/// read. An invalid value, which only a configuration of an earlier release has, is ignored.
final class GatewayOptionsReader {
  static final Option MODELS =
      Option.list(
              "models",
              "The models that the gateway offers: names, and patterns in which * matches any"
                  + " characters. Names count as existing even if the provider does not list them."
                  + " Without it, the gateway offers every model that the provider lists.",
              new Option.ListLimits(
                  ModelSelection.MAX_PATTERNS,
                  ModelPattern.MAX_LENGTH,
                  "^[^*]*([*][^*]*){0,%d}$".formatted(ModelPattern.MAX_WILDCARDS)))
          .check(OptionChecks::modelPattern)
          .asAdvanced();

  private static final int MAX_PRIORITY = 1_000;

  private static final Option PRIORITY =
      Option.integer(
              "priority",
              "Decides which provider answers if several have a model of the same name and the"
                  + " request names no provider: the one with the highest priority, and of equals"
                  + " the oldest.",
              -MAX_PRIORITY,
              MAX_PRIORITY)
          .defaultValue("0")
          .asAdvanced();

  private static final List<Option> OPTIONS = List.of(MODELS, PRIORITY);

  private GatewayOptionsReader() {}

  /// The options of a kind, followed by those of every kind.
  static List<Option> addTo(List<Option> options) {
    return Stream.concat(options.stream(), OPTIONS.stream()).toList();
  }

  /// Whether an option only affects the gateway, so that a provider can be called with any value.
  static boolean isGatewayOption(Option option) {
    return OPTIONS.contains(option);
  }

  static ModelSelection readModels(ProviderConfig config) {
    return config
        .list(MODELS)
        .filter(list -> MODELS.validateList(list, MODELS.name()).isEmpty())
        .map(list -> new ModelSelection(list.valueStream().map(JsonNode::stringValue).toList()))
        .orElse(ModelSelection.ALL);
  }

  static int readPriority(ProviderConfig config) {
    return Optional.of(config.textOrEmpty(PRIORITY))
        .filter(text -> !text.isEmpty() && PRIORITY.validate(text).isEmpty())
        .map(BigDecimal::new)
        .map(BigDecimal::intValueExact)
        .orElse(0);
  }
}
