package dev.agentlab.keys;

import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Caller;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// A genuine key that was not revoked, as it is held against what callers show.
///
/// @param expires in milliseconds since 1970; never is [Long#MAX_VALUE]
/// @param previousHash what it was before, good until `previousExpires`
@SuppressWarnings("ArrayRecordComponent") // Nobody compares two of them.
record ActiveKey(
    UUID id,
    byte[] hash,
    long expires,
    Optional<byte[]> previousHash,
    long previousExpires,
    AuthenticationResult accepted,
    AuthenticationResult expired) {

  static ActiveKey of(KeyRow row) {
    Caller caller = new Caller(Caller.Kind.KEY, row.id().toString(), row.name(), row.grants());
    KeyRights rights = row.rights();
    return new ActiveKey(
        row.id(),
        rights.hash(),
        rights.expiresAt().map(Instant::toEpochMilli).orElse(Long.MAX_VALUE),
        rights.previous().map(KeyRights.Previous::hash),
        rights.previous().map(it -> it.expiresAt().toEpochMilli()).orElse(Long.MIN_VALUE),
        new AuthenticationResult.Accepted(caller),
        new AuthenticationResult.Refused(
            "this key expired at %s; ask for a new one"
                .formatted(rights.expiresAt().orElse(Instant.MAX))));
  }

  /// Whether a key with this hash is this key, in a time that does not tell where they differ.
  boolean is(byte[] shown, long now) {
    boolean present = MessageDigest.isEqual(hash, shown);
    boolean before =
        now < previousExpires
            && previousHash.isPresent()
            && MessageDigest.isEqual(previousHash.get(), shown);
    return present || before;
  }

  boolean isExpired(long now) {
    return now >= expires;
  }
}
