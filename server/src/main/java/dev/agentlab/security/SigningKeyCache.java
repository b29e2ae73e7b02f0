package dev.agentlab.security;

import com.nimbusds.jose.jwk.JWK;
import dev.agentlab.errors.UnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A cache of the signing keys of the identity provider. Refreshes keys older than [#REFRESH_AGE]
/// in the background, and fetches keys immediately for a token with an unknown key id, because a
/// provider may use a new key at any time. Never fetches more often than [#MIN_FETCH_INTERVAL].
/// While the provider is unavailable, the cached keys remain valid until the age [#MAX_AGE]. Safe
/// for all threads.
final class SigningKeyCache {
  private static final Logger LOG = LoggerFactory.getLogger(SigningKeyCache.class);

  /// The age after which keys are refreshed.
  static final Duration REFRESH_AGE = Duration.ofMinutes(10);

  /// The age after which keys are invalid: the provider may have withdrawn one.
  static final Duration MAX_AGE = Duration.ofHours(1);

  /// The shortest interval between two attempts to fetch keys.
  static final Duration MIN_FETCH_INTERVAL = Duration.ofSeconds(10);

  private record FetchedKeys(List<JWK> keys, Instant fetchedAt) {
    boolean contains(Optional<String> id) {
      return id.map(it -> keys.stream().anyMatch(key -> it.equals(key.getKeyID())))
          .orElse(!keys.isEmpty());
    }

    boolean isYoungerThan(Duration age, Instant now) {
      return now.isBefore(fetchedAt.plus(age));
    }
  }

  private final OidcDiscovery discovery;
  private final InstantSource clock;
  private final ReentrantLock fetchLock = new ReentrantLock();
  private final AtomicBoolean refreshing = new AtomicBoolean();
  private volatile FetchedKeys fetchedKeys = new FetchedKeys(List.of(), Instant.MIN);

  // Guarded by the lock.
  private Instant lastAttempt = Instant.MIN;
  private Optional<RuntimeException> lastFailure = Optional.empty();

  SigningKeyCache(OidcDiscovery provider, InstantSource clock) {
    this.discovery = provider;
    this.clock = clock;
  }

  /// Finds the keys with an id, or all keys for a token without a key id. Empty if the provider
  /// publishes none. May wait for a response of the provider.
  ///
  /// @throws UnavailableException if the keys are unknown and cannot be fetched now
  List<JWK> find(Optional<String> id) {
    FetchedKeys cached = fetchedKeys;
    if (!isUsable(cached, id)) {
      cached = fetch(id);
    } else if (!cached.isYoungerThan(REFRESH_AGE, clock.instant())) {
      refresh();
    }
    return cached.keys().stream()
        .filter(key -> id.isEmpty() || Objects.equals(key.getKeyID(), id.get()))
        .toList();
  }

  private boolean isUsable(FetchedKeys keys, Optional<String> id) {
    return keys.contains(id) && keys.isYoungerThan(MAX_AGE, clock.instant());
  }

  private FetchedKeys fetch(Optional<String> id) {
    fetchLock.lock();
    try {
      if (isUsable(fetchedKeys, id)) {
        return fetchedKeys;
      }
      fetchUnlessRecent();
      // The id may be that of a published key, so the token must not be rejected.
      if (lastFailure.isPresent()) {
        throw new UnavailableException(
            "the keys of the identity provider are unavailable",
            MIN_FETCH_INTERVAL,
            lastFailure.get());
      }
      return fetchedKeys;
    } finally {
      fetchLock.unlock();
    }
  }

  private void refresh() {
    if (refreshing.compareAndSet(false, true)) {
      Thread.ofVirtual()
          .name("identity provider")
          .start(() -> {
            fetchLock.lock();
            try {
              fetchUnlessRecent();
            } finally {
              fetchLock.unlock();
              refreshing.set(false);
            }
          });
    }
  }

  /// Fetches the keys, unless the last attempt was less than [#MIN_FETCH_INTERVAL] ago. The caller
  /// holds the lock.
  private void fetchUnlessRecent() {
    Instant now = clock.instant();
    if (!lastAttempt.equals(Instant.MIN) && now.isBefore(lastAttempt.plus(MIN_FETCH_INTERVAL))) {
      return;
    }
    lastAttempt = now;
    try {
      fetchedKeys = new FetchedKeys(List.copyOf(discovery.fetchKeys()), now);
      lastFailure = Optional.empty();
    } catch (RuntimeException e) {
      // A failure of any kind leaves the keys unknown, which does not make a token invalid.
      lastFailure = Optional.of(e);
      LOG.warn("cannot fetch the keys of the identity provider: {}", e.getMessage());
    }
  }
}
