package dev.agentlab.keys;

import dev.agentlab.security.GrantSet;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// A row of the table `api_keys`.
///
/// @param grants the grants of the fields
/// @param isAuthentic whether the MAC of the fields is valid; otherwise the key is invalid
record PostgresKeyRow(
    SignedKeyFields fields,
    GrantSet grants,
    String name,
    String createdBy,
    Instant createdAt,
    Optional<Instant> lastUsedAt,
    boolean isAuthentic) {

  UUID id() {
    return fields.id();
  }

  ApiKey.Status status() {
    if (!isAuthentic) {
      return ApiKey.Status.INVALID;
    }
    if (fields.revokedAt().isPresent()) {
      return ApiKey.Status.REVOKED;
    }
    return fields.expiresAt().filter(expiry -> !expiry.isAfter(Instant.now())).isPresent()
        ? ApiKey.Status.EXPIRED
        : ApiKey.Status.ACTIVE;
  }

  /// The key as the API returns it.
  ApiKey toApiKey() {
    return new ApiKey(
        fields.id(),
        name,
        fields.type(),
        ApiKeyToken.prefix(fields.type(), fields.keyId()),
        grants.texts(),
        status(),
        createdBy,
        fields.owner().map(KeyOwner::id),
        createdAt,
        fields.expiresAt(),
        lastUsedAt,
        fields.revokedAt(),
        fields
            .previous()
            .map(SignedKeyFields.Previous::expiresAt)
            .filter(expiry -> expiry.isAfter(Instant.now())),
        Optional.empty());
  }

  @Override
  public String toString() {
    return "key %s (%s)".formatted(fields.id(), name);
  }
}
