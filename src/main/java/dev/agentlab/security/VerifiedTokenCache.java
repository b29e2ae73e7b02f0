package dev.agentlab.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A cache of recently verified tokens by hash; the tokens themselves are not stored. Safe for all
/// threads.
final class VerifiedTokenCache {
  /// Beyond this number the least recently used entries are evicted.
  private static final int MAX_ENTRIES = 10_000;

  /// The time after which a token is verified again, because its key may have been withdrawn.
  static final Duration MAX_AGE = Duration.ofMinutes(5);

  private record CachedCaller(Caller caller, Instant validUntil) {}

  private final Map<String, CachedCaller> entries =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, CachedCaller> eldest) {
          return size() > MAX_ENTRIES;
        }
      };

  Optional<Caller> find(String token, Instant now) {
    String hash = hash(token);
    synchronized (entries) {
      CachedCaller entry = entries.get(hash);
      if (entry != null && !now.isBefore(entry.validUntil())) {
        entries.remove(hash);
        return Optional.empty();
      }
      return Optional.ofNullable(entry).map(CachedCaller::caller);
    }
  }

  void put(String token, ClaimsValidator.VerifiedCaller verified, Instant now) {
    Instant latest = now.plus(MAX_AGE);
    Instant until = verified.expiresAt().isBefore(latest) ? verified.expiresAt() : latest;
    String hash = hash(token);
    synchronized (entries) {
      entries.put(hash, new CachedCaller(verified.caller(), until));
    }
  }

  private static String hash(String token) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("SHA-256 is not available", e);
    }
  }
}
