package dev.agentlab.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.agentlab.secrets.Sha256;
import dev.agentlab.security.ClaimsValidator.VerifiedCaller;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;

/// A cache of recently verified tokens by hash; the tokens themselves are not stored. Safe for all
/// threads.
final class VerifiedTokenCache {
  private static final int MAX_ENTRIES = 10_000;

  /// The time after which a token is verified again, because its key may have been withdrawn.
  static final Duration MAX_AGE = Duration.ofMinutes(5);

  private final Cache<String, VerifiedCaller> callers;

  VerifiedTokenCache(InstantSource clock) {
    callers =
        Caffeine.newBuilder()
            .maximumSize(MAX_ENTRIES)
            .expireAfter(
                Expiry.<String, VerifiedCaller>writing((_, it) -> timeToLive(it, clock.instant())))
            .ticker(() -> Duration.between(Instant.EPOCH, clock.instant()).toNanos())
            .executor(Runnable::run)
            .build();
  }

  Optional<Caller> find(String token) {
    return Optional.ofNullable(callers.getIfPresent(hash(token))).map(VerifiedCaller::caller);
  }

  void put(String token, VerifiedCaller verified) {
    callers.put(hash(token), verified);
  }

  private static Duration timeToLive(VerifiedCaller verified, Instant now) {
    Duration left = Duration.between(now, verified.expiresAt());
    return left.compareTo(MAX_AGE) < 0 ? left : MAX_AGE;
  }

  private static String hash(String token) {
    return HexFormat.of().formatHex(Sha256.of(token));
  }
}
