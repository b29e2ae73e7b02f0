package dev.agentlab.keys;

import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Caller;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/// An authentic API key that was not revoked, in memory, to authenticate callers.
///
/// @param expires the expiry in milliseconds since 1970, not later than that of its owner;
///   [Long#MAX_VALUE] for none
/// @param previousHash the hash before the last rotation, valid until `previousExpires`
/// @param accepted the result for a valid key
/// @param expired the result for an expired key
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record ActiveKey(
    UUID id,
    byte[] hash,
    long expires,
    Optional<byte[]> previousHash,
    long previousExpires,
    AuthenticationResult accepted,
    AuthenticationResult expired) {

  /// @param ownerExpiry the expiry of the key that owns this one
  static ActiveKey of(PostgresKeyRow row, Optional<Instant> ownerExpiry) {
    SignedKeyFields fields = row.fields();
    Caller caller =
        new Caller(
            Caller.Kind.KEY,
            row.id().toString(),
            row.name(),
            row.grants(),
            fields.owner().map(KeyOwner::text));
    Optional<Instant> expiry =
        Stream.concat(fields.expiresAt().stream(), ownerExpiry.stream())
            .min(Comparator.naturalOrder());
    return new ActiveKey(
        row.id(),
        fields.hash(),
        expiry.map(Instant::toEpochMilli).orElse(Long.MAX_VALUE),
        fields.previous().map(SignedKeyFields.Previous::hash),
        fields.previous().map(it -> it.expiresAt().toEpochMilli()).orElse(Long.MIN_VALUE),
        new AuthenticationResult.Accepted(caller),
        new AuthenticationResult.Refused(
            "the API key expired at %s; create a new one".formatted(expiry.orElse(Instant.MAX))));
  }

  /// Whether a token with the given hash is this key. Compares in constant time.
  boolean matches(byte[] tokenHash, long now) {
    boolean isPresent = MessageDigest.isEqual(hash, tokenHash);
    boolean isPrevious =
        now < previousExpires
            && previousHash.isPresent()
            && MessageDigest.isEqual(previousHash.get(), tokenHash);
    return isPresent || isPrevious;
  }

  boolean isExpired(long now) {
    return now >= expires;
  }
}
