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

/// A cache of the signing keys of the identity provider. Refreshes keys older than [#FRESH] in the
/// background, and fetches keys immediately for a token with an unknown key id, because a provider
/// may use a new key at any time. Never fetches more often than [#PAUSE]. While the provider is
/// unavailable, the cached keys remain valid until the age [#BOUND]. Safe for all threads.
final class SigningKeys {
  private static final Logger LOG = LoggerFactory.getLogger(SigningKeys.class);

  /// The age after which keys are refreshed.
  static final Duration FRESH = Duration.ofMinutes(10);

  /// The age after which keys are invalid: the provider may have withdrawn one.
  static final Duration BOUND = Duration.ofHours(1);

  /// The shortest interval between two attempts to fetch keys.
  static final Duration PAUSE = Duration.ofSeconds(10);

  private record Known(List<JWK> keys, Instant at) {
    boolean has(Optional<String> id) {
      return id.map(it -> keys.stream().anyMatch(key -> it.equals(key.getKeyID())))
          .orElse(!keys.isEmpty());
    }

    boolean isWithin(Duration age, Instant now) {
      return now.isBefore(at.plus(age));
    }
  }

  private final OidcDiscovery provider;
  private final InstantSource clock;
  private final ReentrantLock fetching = new ReentrantLock();
  private final AtomicBoolean refreshing = new AtomicBoolean();
  private volatile Known known = new Known(List.of(), Instant.MIN);

  // Guarded by the lock.
  private Instant attempted = Instant.MIN;
  private Optional<RuntimeException> failure = Optional.empty();

  SigningKeys(OidcDiscovery provider, InstantSource clock) {
    this.provider = provider;
    this.clock = clock;
  }

  /// Finds the keys with an id, or all keys for a token without a key id. Empty if the provider
  /// publishes none. May wait for a response of the provider.
  ///
  /// @throws UnavailableException if the keys are unknown and cannot be fetched now
  List<JWK> of(Optional<String> id) {
    Known cached = known;
    if (!counts(cached, id)) {
      cached = fetched(id);
    } else if (!cached.isWithin(FRESH, clock.instant())) {
      refresh();
    }
    return cached.keys().stream()
        .filter(key -> id.isEmpty() || Objects.equals(key.getKeyID(), id.get()))
        .toList();
  }

  private boolean counts(Known keys, Optional<String> id) {
    return keys.has(id) && keys.isWithin(BOUND, clock.instant());
  }

  private Known fetched(Optional<String> id) {
    fetching.lock();
    try {
      if (counts(known, id)) {
        return known;
      }
      attempt();
      // The id may be that of a published key, so the token must not be rejected.
      if (failure.isPresent()) {
        throw new UnavailableException(
            "the keys of the identity provider are unavailable", PAUSE, failure.get());
      }
      return known;
    } finally {
      fetching.unlock();
    }
  }

  private void refresh() {
    if (refreshing.compareAndSet(false, true)) {
      Thread.ofVirtual()
          .name("identity provider")
          .start(() -> {
            fetching.lock();
            try {
              attempt();
            } finally {
              fetching.unlock();
              refreshing.set(false);
            }
          });
    }
  }

  /// Fetches the keys, unless the last attempt was less than [#PAUSE] ago. The caller holds the
  /// lock.
  private void attempt() {
    Instant now = clock.instant();
    if (!attempted.equals(Instant.MIN) && now.isBefore(attempted.plus(PAUSE))) {
      return;
    }
    attempted = now;
    try {
      known = new Known(List.copyOf(provider.keys()), now);
      failure = Optional.empty();
    } catch (RuntimeException e) {
      // A failure of any kind leaves the keys unknown, which does not make a token invalid.
      failure = Optional.of(e);
      LOG.warn("cannot fetch the keys of the identity provider: {}", e.getMessage());
    }
  }
}
