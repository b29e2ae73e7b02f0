package dev.agentlab.keys;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.secrets.MacInput;
import dev.agentlab.security.Grant;
import dev.agentlab.security.Grants;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Whatever of a stored key decides whom it lets in and to what: all that the keyed hash of its row
/// covers.
///
/// @param hash of its text
/// @param previous what the key was before it was rotated, while that is good as well
/// @param scopes as they are stored
@SuppressWarnings("ArrayRecordComponent") // Nobody compares two of them.
record KeyRights(
    UUID id,
    KeyType type,
    String keyId,
    byte[] hash,
    Optional<Previous> previous,
    List<String> scopes,
    Optional<Instant> expiresAt,
    Optional<Instant> revokedAt) {

  /// @param expiresAt until when it is good
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares two of them.
  record Previous(byte[] hash, Instant expiresAt) {}

  KeyRights {
    scopes = List.copyOf(scopes);
  }

  /// Of a key that was just made.
  static KeyRights made(
      UUID id, ApiKeyToken text, byte[] hash, Grants grants, Optional<Instant> expiresAt) {
    return new KeyRights(
        id,
        text.type(),
        text.id(),
        hash,
        Optional.empty(),
        grants.texts(),
        expiresAt,
        Optional.empty());
  }

  KeyRights rotated(byte[] now, Optional<Previous> before) {
    return new KeyRights(id, type, keyId, now, before, scopes, expiresAt, revokedAt);
  }

  KeyRights revoked(Instant at) {
    return new KeyRights(
        id, type, keyId, hash, Optional.empty(), scopes, expiresAt, Optional.of(at));
  }

  Grants grants() {
    List<Grant> grants = new ArrayList<>(scopes.size());
    for (String scope : scopes) {
      try {
        grants.add(Grant.parse("scopes", scope));
      } catch (InvalidInputException _) {
        // Of a later release, which allows nothing here.
      }
    }
    return Grants.of(grants);
  }

  /// All of it; no two that differ are the same bytes.
  byte[] encoded() {
    return new MacInput("agent-lab key row 1")
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
