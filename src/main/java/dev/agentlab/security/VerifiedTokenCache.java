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

/// Tokens that were verified not long ago, by their hash: the tokens themselves are not kept. Safe
/// for all threads.
final class VerifiedTokenCache {
  /// Beyond which the ones not used for longest are forgotten.
  private static final int MOST = 10_000;

  /// After which a token is verified again, in case its key was withdrawn.
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
    Instant again = now.plus(AGAIN);
    Instant until = verified.until().isBefore(again) ? verified.until() : again;
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
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
