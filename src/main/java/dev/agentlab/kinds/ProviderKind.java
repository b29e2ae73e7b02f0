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

/// A kind of provider as a value: how one is configured, and how it is reached.
///
/// @param name as it stands in a configuration; matched exactly
/// @param title for people
/// @param description one sentence
/// @param baseUrl how the configuration's `base_url` is declared
/// @param options how the members of its `options` are declared, in the order they are checked;
///   others are kept and ignored
/// @param capabilities what its API has calls for; a model of it may be able to do less
/// @param advice what to do when one does not work
/// @param builder makes a provider of this kind and a configuration whose options each are without
///   fault; throws [InvalidInputException] for options that do not go together, with fields such as
///   `options.token`
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

  /// A kind whose builder knows it.
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

  /// The provider that a configuration of this kind describes. Does no I/O.
  ///
  /// @param path where the configuration stands in what the caller sent, for the fields at fault
  /// @throws InvalidInputException with everything that is wrong with the configuration
  LlmProvider build(ProviderConfig config, String path) {
    List<FieldError> faults = faults(config, path);
    if (!faults.isEmpty()) {
      throw new InvalidInputException(faults);
    }
    try {
      return builder.apply(this, config);
    } catch (InvalidInputException e) {
      throw e.below(path);
    }
  }

  /// The JSON Schema (draft 2020-12) of a new configuration of this kind.
  public JsonNode schema() {
    return ProviderConfigSchema.form(this);
  }

  /// The declared option of that name.
  Optional<Option> option(String named) {
    for (Option option : options) {
      if (option.name().equals(named)) {
        return Optional.of(option);
      }
    }
    return Optional.empty();
  }

  private List<FieldError> faults(ProviderConfig config, String path) {
    List<FieldError> faults = new ArrayList<>();
    String url = config.baseUrl();
    fault(baseUrl, url, url)
        .ifPresent(message -> faults.add(new FieldError(path + ".base_url", message)));
    for (Option option : options) {
      fault(option, config.given(option), url)
          .ifPresent(
              message -> faults.add(new FieldError(path + ".options." + option.name(), message)));
    }
    return faults;
  }

  private Optional<String> fault(Option option, String value, String url) {
    if (!value.isEmpty()) {
      return option.fault(value);
    }
    return option.isRequiredAt(url)
        ? Optional.of("is required for %s provider: %s".formatted(title, option.meaning()))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return name;
  }

  /// The options whose value is a secret.
  Stream<Option> secrets() {
    return options.stream().filter(option -> option.type() == Option.Type.SECRET);
  }
}
