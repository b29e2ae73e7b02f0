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

/// The provider's keys as last fetched. They are fetched anew in the background when they get old,
/// and at once for a token that names one that is not among them, because a provider begins to sign
/// with a new key when it likes; but never more often than [#PAUSE], whatever tokens name. While
/// the provider does not answer, the known ones count up to [#BOUND]. Safe for all threads.
final class SigningKeys {
  private static final Logger LOG = LoggerFactory.getLogger(SigningKeys.class);

  /// After which they are fetched anew.
  static final Duration FRESH = Duration.ofMinutes(10);

  /// After which they no longer count: the provider may have withdrawn one.
  static final Duration BOUND = Duration.ofHours(1);

  /// Between two attempts to fetch them.
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

  /// The keys with an id; all of them for a token that names none. Empty if the provider has none.
  /// May wait for the provider.
  ///
  /// @throws UnavailableException if that cannot be said now
  List<JWK> of(Optional<String> id) {
    Known now = known;
    if (!counts(now, id)) {
      now = fetched(id);
    } else if (!now.isWithin(FRESH, clock.instant())) {
      refresh();
    }
    return now.keys().stream()
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
      // An id that is unknown because the provider cannot be asked may well be one of its keys.
      if (failure.isPresent()) {
        throw new UnavailableException(
            "the identity provider cannot be asked for its keys now", PAUSE, failure.get());
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

  /// Fetches them, unless that was tried just now. With the lock.
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
      // Whatever went wrong, the keys are not known: that is no reason to call a token wrong.
      failure = Optional.of(e);
      LOG.warn("cannot fetch the keys of the identity provider: {}", e.getMessage());
    }
  }
}
