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
import java.util.function.Predicate;
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
/// @param builder creates a provider from this kind and a valid configuration
public record ProviderKind(
    String name,
    String title,
    String description,
    Option baseUrl,
    List<Option> options,
    Set<Capability> capabilities,
    DiagnosisAdvice advice,
    BiFunction<ProviderKind, ProviderConfig, CallableProvider> builder) {
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
      DiagnosisAdvice advice,
      Function<ProviderConfig, CallableProvider> builder) {
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
  CallableProvider build(ProviderConfig config, String path) {
    List<FieldError> errors =
        validate(config, path, option -> !GatewayOptionsReader.isGatewayOption(option));
    if (!errors.isEmpty()) {
      throw new InvalidInputException(errors);
    }
    return builder.apply(this, config).withNetwork(NetworkOptionsReader.read(config));
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

  /// The errors of a configuration of this kind. References to secrets count as valid secrets.
  ///
  /// @param path as for [#build]
  List<FieldError> validate(ProviderConfig config, String path) {
    return validate(config, path, _ -> true);
  }

  private List<FieldError> validate(
      ProviderConfig config, String path, Predicate<Option> isValidated) {
    List<FieldError> errors = new ArrayList<>();
    validateOption(baseUrl, config.baseUrl(), config)
        .ifPresent(message -> errors.add(new FieldError(path + ".base_url", message)));
    for (Option option : options) {
      String field = path + ".options." + option.name();
      if (!isValidated.test(option) || config.isReference(option)) {
        continue;
      }
      if (option.type() == Option.Type.LIST) {
        config.list(option).ifPresent(list -> errors.addAll(option.validateList(list, field)));
      } else {
        validateOption(option, config.textOrEmpty(option), config)
            .ifPresent(message -> errors.add(new FieldError(field, message)));
      }
    }
    return errors;
  }

  private Optional<String> validateOption(Option option, String value, ProviderConfig config) {
    if (!value.isEmpty()) {
      return option.validate(value);
    }
    return option.isRequiredIn(config)
        ? Optional.of(
            option
                .usedWith()
                .map(use ->
                    "is required for %s provider with %s %s"
                        .formatted(
                            title, use.option(), config.valueOrDefault(use.option()).orElseThrow()))
                .orElseGet(
                    () -> "is required for %s provider: %s".formatted(title, option.meaning())))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return name;
  }

  /// The options whose values authenticate requests to the provider itself.
  Stream<Option> credentials() {
    return secrets().filter(option -> !option.equals(NetworkOptionsReader.PROXY_CREDENTIALS));
  }

  /// The options whose values are secrets.
  Stream<Option> secrets() {
    return options.stream().filter(option -> option.type() == Option.Type.SECRET);
  }
}
