package dev.agentlab.providers;

import dev.agentlab.errors.NameRule;
import dev.agentlab.errors.Warnings;
import dev.agentlab.kinds.ParsedReplacement;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Validates providers in requests: name, size and configuration. The methods throw
/// [dev.agentlab.errors.InvalidInputException] with all errors.
record ProviderValidator(ProviderKinds kinds) {

  /// The configuration of a new provider, with plaintext secrets.
  ///
  /// @param warnings receives the warnings for the caller
  ProviderConfig validate(ProviderInput input, Warnings warnings) {
    return NameRule.validate(
        input.name(), Optional.empty(), () -> kinds.parse(requireSize(input.config()), warnings));
  }

  /// The configuration of a replaced provider, with plaintext secrets.
  ///
  /// @param name the present name
  /// @param stored the present configuration, whose secrets are kept where the input omits them
  /// @param warnings receives the warnings for the caller
  /// @throws ProviderException.SecretRequired if a kept secret would be sent to another destination
  ProviderConfig validateReplacement(
      ProviderInput input, String name, ProviderConfig stored, Warnings warnings) {
    return NameRule.validate(
        input.name(),
        Optional.of(name),
        () -> requireUnmovedSecrets(kinds.replace(stored, requireSize(input.config()), warnings)));
  }

  /// The configuration to test before it is stored, with plaintext secrets.
  ///
  /// @param stored the configuration that it would replace
  /// @throws ProviderException.SecretRequired if a kept secret would be sent to another destination
  ProviderConfig validateCandidate(ProviderConfigInput input, Optional<ProviderConfig> stored) {
    JsonNode json = requireSize(input);
    return stored
        .map(it -> requireUnmovedSecrets(kinds.replace(it, json)))
        .orElseGet(() -> kinds.parse(json));
  }

  private static JsonNode requireSize(ProviderConfigInput config) {
    Providers.CONFIG_SIZE.validate(config.json());
    return config.json();
  }

  private static ProviderConfig requireUnmovedSecrets(ParsedReplacement replacement) {
    if (!replacement.movedSecrets().isEmpty()) {
      throw new ProviderException.SecretRequired(String.join(", ", replacement.movedSecrets()));
    }
    return replacement.config();
  }
}
