package dev.agentlab.upstream;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Resolves host names, and reuses the addresses of a name for as long as the resolver permits, so
/// that a call to a provider in use needs no other thread. The system resolver blocks in native
/// code and cannot be interrupted, so it runs on a small pool of platform threads that callers need
/// not wait for.
final class NameLookup {
  private static final int MAX_THREADS = 16;
  private static final int MAX_NAMES = 1_000;

  private final Resolver resolver;
  private final ThreadPoolExecutor executor =
      new ThreadPoolExecutor(
          0,
          MAX_THREADS,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform().name("resolver-", 0).daemon().factory());

  /// By name. A failed lookup is not cached.
  private final AsyncCache<String, List<InetAddress>> addresses;

  NameLookup(Resolver resolver) {
    this.resolver = resolver;
    this.addresses =
        Caffeine.newBuilder()
            .maximumSize(MAX_NAMES)
            .expireAfterWrite(resolver.timeToLive())
            .executor(Runnable::run)
            .buildAsync();
  }

  /// Resolves a name. Callers that look up the same name at the same time share one lookup.
  ///
  /// @return fails with a [RejectedExecutionException] if all threads are busy, and with an
  ///   [UncheckedIOException] if the name has no address
  CompletableFuture<List<InetAddress>> resolve(String host) {
    try {
      return resolver.timeToLive().isZero()
          ? startLookup(host)
          : addresses.get(host, (name, _) -> startLookup(name));
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<List<InetAddress>> startLookup(String host) {
    return CompletableFuture.supplyAsync(() -> lookUp(host), executor);
  }

  private List<InetAddress> lookUp(String host) {
    try {
      return List.copyOf(resolver.resolve(host));
    } catch (UnknownHostException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Has the next call of [#resolve] look the name up again.
  void forget(String host) {
    addresses.synchronous().invalidate(host);
  }

  void stop() {
    executor.shutdownNow();
  }
}
