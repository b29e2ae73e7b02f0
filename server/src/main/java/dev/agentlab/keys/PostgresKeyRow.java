package dev.agentlab.keys;

import dev.agentlab.security.GrantSet;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// A row of the table `api_keys`.
///
/// @param grants the grants of the rights
/// @param isAuthentic whether the MAC of the rights is valid; otherwise the key is invalid
record PostgresKeyRow(
    KeyRights rights,
    GrantSet grants,
    String name,
    String createdBy,
    Instant createdAt,
    Optional<Instant> lastUsedAt,
    boolean isAuthentic) {

  UUID id() {
    return rights.id();
  }

  ApiKey.Status status() {
    if (!isAuthentic) {
      return ApiKey.Status.INVALID;
    }
    if (rights.revokedAt().isPresent()) {
      return ApiKey.Status.REVOKED;
    }
    return rights.expiresAt().filter(expiry -> !expiry.isAfter(Instant.now())).isPresent()
        ? ApiKey.Status.EXPIRED
        : ApiKey.Status.ACTIVE;
  }

  /// The key as the API returns it.
  ApiKey toApiKey() {
    return new ApiKey(
        rights.id(),
        name,
        rights.type(),
        ApiKeyToken.prefix(rights.type(), rights.keyId()),
        grants.texts(),
        status(),
        createdBy,
        createdAt,
        rights.expiresAt(),
        lastUsedAt,
        rights.revokedAt(),
        rights
            .previous()
            .map(KeyRights.Previous::expiresAt)
            .filter(expiry -> expiry.isAfter(Instant.now())),
        Optional.empty());
  }

  @Override
  public String toString() {
    return "key %s (%s)".formatted(rights.id(), name);
  }
}
