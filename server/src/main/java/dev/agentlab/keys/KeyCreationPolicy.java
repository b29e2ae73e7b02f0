package dev.agentlab.keys;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.security.Caller;
import dev.agentlab.security.GrantSet;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The rule that a key cannot exceed its creator: it has only scopes that the creator has, and does
/// not expire after the creator's own key. It also applies to a rotation, because the caller
/// obtains the new secret.
final class KeyCreationPolicy {
  private KeyCreationPolicy() {}

  /// Requires that a caller may obtain a key.
  ///
  /// @param callerKey the caller's own key; empty for any other credential. The expiry of an OIDC
  ///   token is not a limit: it expires within minutes and represents a person
  /// @param grants the grants of the key
  /// @param expiresAt the expiry of the key
  /// @throws KeyException.ScopesExceeded if the caller lacks a scope
  /// @throws InvalidInputException if the key would expire later than that of the caller
  static void requireAllowed(
      Caller caller,
      Optional<SignedKeyFields> callerKey,
      GrantSet grants,
      Optional<Instant> expiresAt) {
    requireScopes(caller.grants(), grants);
    callerKey
        .flatMap(SignedKeyFields::expiresAt)
        .ifPresent(limit -> requireExpiry(limit, expiresAt));
  }

  private static void requireScopes(GrantSet available, GrantSet requested) {
    if (!available.covers(requested)) {
      throw new KeyException.ScopesExceeded(
          GrantSet.of(
              requested.all().stream()
                  .filter(it -> !available.covers(new GrantSet(Set.of(it))))
                  .collect(Collectors.toSet())));
    }
  }

  private static void requireExpiry(Instant limit, Optional<Instant> requested) {
    if (requested.filter(it -> !it.isAfter(limit)).isEmpty()) {
      throw new InvalidInputException(
          "expires_at",
          "must not be after %s, the expiry of the caller's own key, was %s"
              .formatted(limit, requested.map(Instant::toString).orElse("absent")));
    }
  }
}
