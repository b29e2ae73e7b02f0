package dev.agentlab.kinds;

import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// A kind of provider: the declaration of its configuration, and how to build a provider from it.
///
/// @param name the name in a configuration; matched exactly
/// @param title the display name
/// @param description one sentence
/// @param baseUrl the declaration of `base_url`
/// @param options the declarations of the members of `options`, in the order of validation; other
///   members are stored but not used
/// @param capabilities the capabilities of the API; a single model may have fewer
/// @param advice troubleshooting hints
/// @param builder creates a provider from this kind and a configuration whose options are each
///   valid; throws [InvalidInputException] for an invalid combination of options, with fields such
///   as `options.token`
public record ProviderKind(
    String name,
    String title,
    String description,
    Option baseUrl,
    List<Option> options,
    Set<Capability> capabilities,
    Advice advice,
    BiFunction<ProviderKind, ProviderConfig, LlmProvider> builder) {
  public ProviderKind {
    options = List.copyOf(options);
    capabilities = Collections.unmodifiableSet(EnumSet.copyOf(capabilities));
  }

  /// A kind whose builder needs only the configuration.
  ProviderKind(
      String name,
      String title,
      String description,
      Option baseUrl,
      List<Option> options,
      Set<Capability> capabilities,
      Advice advice,
      Function<ProviderConfig, LlmProvider> builder) {
    this(
        name,
        title,
        description,
        baseUrl,
        options,
        capabilities,
        advice,
        (_, config) -> builder.apply(config));
  }

  /// Builds the provider of a configuration of this kind. Does no I/O.
  ///
  /// @param path the path of the configuration in the request, the prefix of invalid fields
  /// @throws InvalidInputException with all errors of the configuration
  LlmProvider build(ProviderConfig config, String path) {
    List<FieldError> errors = validate(config, path);
    if (!errors.isEmpty()) {
      throw new InvalidInputException(errors);
    }
    try {
      return builder.apply(this, config);
    } catch (InvalidInputException e) {
      throw e.withPathPrefix(path);
    }
  }

  /// The JSON Schema (draft 2020-12) of a new configuration of this kind.
  public JsonNode schema() {
    return ProviderConfigSchema.forNewConfig(this);
  }

  /// The option with this name.
  Optional<Option> option(String optionName) {
    for (Option option : options) {
      if (option.name().equals(optionName)) {
        return Optional.of(option);
      }
    }
    return Optional.empty();
  }

  private List<FieldError> validate(ProviderConfig config, String path) {
    List<FieldError> errors = new ArrayList<>();
    String url = config.baseUrl();
    validateOption(baseUrl, url, url)
        .ifPresent(message -> errors.add(new FieldError(path + ".base_url", message)));
    for (Option option : options) {
      validateOption(option, config.textOrEmpty(option), url)
          .ifPresent(
              message -> errors.add(new FieldError(path + ".options." + option.name(), message)));
    }
    return errors;
  }

  private Optional<String> validateOption(Option option, String value, String url) {
    if (!value.isEmpty()) {
      return option.validate(value);
    }
    return option.isRequiredFor(url)
        ? Optional.of("is required for %s provider: %s".formatted(title, option.meaning()))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return name;
  }

  /// The options whose values are secrets.
  Stream<Option> secrets() {
    return options.stream().filter(option -> option.type() == Option.Type.SECRET);
  }
}
