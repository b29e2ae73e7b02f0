package dev.agentlab.keys;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.secrets.MacInput;
import dev.agentlab.security.Grant;
import dev.agentlab.security.GrantSet;
import dev.agentlab.security.GrantableScopes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The fields of a stored API key that the MAC of its row covers: those that decide authentication
/// and authorization.
///
/// @param hash the hash of the token
/// @param previous the hash before the last rotation, if it is still valid
/// @param scopes the stored scopes
/// @param owner the caller that made the key for itself; empty for a key made with `keys:admin`
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record SignedKeyFields(
    UUID id,
    KeyType type,
    String keyId,
    byte[] hash,
    Optional<Previous> previous,
    List<String> scopes,
    Optional<Instant> expiresAt,
    Optional<Instant> revokedAt,
    Optional<KeyOwner> owner) {

  /// The hash of the token before the last rotation.
  ///
  /// @param expiresAt the end of its validity
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Previous(byte[] hash, Instant expiresAt) {}

  SignedKeyFields {
    scopes = List.copyOf(scopes);
  }

  /// The fields of a new key.
  static SignedKeyFields create(
      UUID id,
      ApiKeyToken token,
      byte[] hash,
      GrantSet grants,
      Optional<Instant> expiresAt,
      Optional<KeyOwner> owner) {
    return new SignedKeyFields(
        id,
        token.type(),
        token.id(),
        hash,
        Optional.empty(),
        grants.texts(),
        expiresAt,
        Optional.empty(),
        owner);
  }

  SignedKeyFields withHash(byte[] newHash, Optional<Previous> replaced) {
    return new SignedKeyFields(
        id, type, keyId, newHash, replaced, scopes, expiresAt, revokedAt, owner);
  }

  SignedKeyFields withRevocation(Instant at) {
    return new SignedKeyFields(
        id, type, keyId, hash, Optional.empty(), scopes, expiresAt, Optional.of(at), owner);
  }

  /// The stored scopes that the service knows.
  GrantSet grants(GrantableScopes known) {
    List<Grant> grants = new ArrayList<>(scopes.size());
    for (String scope : scopes) {
      try {
        grants.add(known.parse("scopes", scope));
      } catch (InvalidInputException _) {
        // A scope of a later release, which this release ignores.
      }
    }
    return GrantSet.of(grants);
  }

  /// An injective encoding of the fields, the input of the MAC: different fields have different
  /// bytes. That of a key without an owner is the same as before keys had owners.
  byte[] encoded() {
    MacInput input =
        owner
            .map(it -> new MacInput("agent-lab key row 2").text(it.text()))
            .orElseGet(() -> new MacInput("agent-lab key row 1"));
    return input
        .text(id.toString())
        .text(type.toString())
        .text(keyId)
        .bytes(hash)
        .optional(previous, (out, it) -> out.bytes(it.hash()).time(it.expiresAt()))
        .texts(scopes)
        .optional(expiresAt, MacInput::time)
        .optional(revokedAt, MacInput::time)
        .bytes();
  }
}
