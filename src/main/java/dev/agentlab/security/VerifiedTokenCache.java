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
  private static final int MOST = 10_000;

  /// The time after which a token is verified again, because its key may have been withdrawn.
  static final Duration AGAIN = Duration.ofMinutes(5);

  private record Accepted(Caller caller, Instant until) {}

  private final Map<String, Accepted> entries =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Accepted> eldest) {
          return size() > MOST;
        }
      };

  Optional<Caller> find(String token, Instant now) {
    String hash = hash(token);
    synchronized (entries) {
      Accepted entry = entries.get(hash);
      if (entry != null && !now.isBefore(entry.until())) {
        entries.remove(hash);
        return Optional.empty();
      }
      return Optional.ofNullable(entry).map(Accepted::caller);
    }
  }

  void put(String token, ClaimsValidator.Verified verified, Instant now) {
    Instant latest = now.plus(AGAIN);
    Instant until = verified.until().isBefore(latest) ? verified.until() : latest;
    String hash = hash(token);
    synchronized (entries) {
      entries.put(hash, new Accepted(verified.caller(), until));
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
