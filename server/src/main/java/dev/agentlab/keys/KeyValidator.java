package dev.agentlab.keys;

import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.NameRule;
import dev.agentlab.json.JsonbValidator;
import dev.agentlab.security.GrantSet;
import java.time.Instant;
import java.util.Optional;

/// Validates API keys in requests: name, scopes and expiry.
record KeyValidator(ScopeParser scopes) {
  /// The latest time that RFC 3339 can represent.
  private static final Instant MAX_EXPIRY = Instant.parse("9999-12-31T23:59:59Z");

  /// The scopes of a new key.
  ///
  /// @throws InvalidInputException with all errors
  GrantSet validate(KeyInput input) {
    FieldErrors errors = new FieldErrors();
    NameRule.findError(input.name())
        .or(() -> nameError(input.name()))
        .ifPresent(message -> errors.add("name", message));
    Optional<GrantSet> grants = errors.collect(() -> scopes.parse(input.scopes()));
    input.expiresAt().ifPresent(expiry -> validateExpiry(expiry, errors));
    errors.throwIfAny();
    return grants.orElseThrow();
  }

  private static Optional<String> nameError(String name) {
    return JsonbValidator.isStorable(name)
        ? Optional.empty()
        : Optional.of("must not contain U+0000 or an unpaired surrogate");
  }

  private static void validateExpiry(Instant expiry, FieldErrors errors) {
    if (!expiry.isAfter(Instant.now())) {
      errors.add("expires_at", "must be in the future, was %s".formatted(expiry));
    }
    if (expiry.isAfter(MAX_EXPIRY)) {
      errors.add("expires_at", "must be before the year 10000, or absent");
    }
  }
}
