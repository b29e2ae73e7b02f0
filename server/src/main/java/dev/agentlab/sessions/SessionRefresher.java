package dev.agentlab.sessions;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.agentlab.errors.UnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Refreshes the rights of signed-in users in the background: for each session one attempt at a
/// time, and the next after [#RETRY_INTERVAL]. Safe for all threads.
final class SessionRefresher {
  private static final Logger LOG = LoggerFactory.getLogger(SessionRefresher.class);

  /// The interval between two attempts, so that an unavailable identity provider is not called for
  /// each request.
  static final Duration RETRY_INTERVAL = Duration.ofSeconds(30);

  private static final int MAX_ATTEMPTS = 10_000;

  private final Consumer<UUID> refresh;
  private final Cache<UUID, CompletableFuture<Void>> attempts;

  /// @param refresh refreshes the rights of the owner of a session; may block
  SessionRefresher(Consumer<UUID> refresh, InstantSource clock) {
    this.refresh = refresh;
    attempts =
        Caffeine.newBuilder()
            .maximumSize(MAX_ATTEMPTS)
            .expireAfterWrite(RETRY_INTERVAL)
            .ticker(() -> Duration.between(Instant.EPOCH, clock.instant()).toNanos())
            .executor(Runnable::run)
            .build();
  }

  /// Starts an attempt, unless there was one within the interval. Does not block.
  ///
  /// @return completes, also if the attempt fails; may be complete already
  CompletableFuture<Void> start(UUID session) {
    return attempts.get(session, this::run);
  }

  private CompletableFuture<Void> run(UUID session) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("session-refresh")
        .inheritInheritableThreadLocals(false)
        .start(() -> {
          try {
            refresh.accept(session);
          } catch (UnavailableException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            LOG.warn(
                "cannot refresh the rights of a signed-in user, keeping the last ones: {}",
                cause.getMessage());
          } catch (RuntimeException e) {
            LOG.error("cannot refresh the rights of a signed-in user", e);
          } finally {
            done.complete(null);
          }
        });
    return done;
  }
}
