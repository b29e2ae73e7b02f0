package dev.agentlab.upstream;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Resolves host names with a timeout. The system resolver blocks in native code and cannot be
/// interrupted, so it runs on a small pool of platform threads that a caller can abandon.
final class NameLookup {
  private static final int MAX_THREADS = 16;

  private final Resolver resolver;
  private final ThreadPoolExecutor executor =
      new ThreadPoolExecutor(
          0,
          MAX_THREADS,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform().name("resolver-", 0).daemon().factory());

  NameLookup(Resolver resolver) {
    this.resolver = resolver;
  }

  /// @throws java.util.concurrent.RejectedExecutionException if all threads are busy
  List<InetAddress> resolve(String host, Duration timeout)
      throws InterruptedException, ExecutionException, TimeoutException {
    Future<List<InetAddress>> addresses =
        executor.submit(() -> List.copyOf(resolver.resolve(host)));
    try {
      return addresses.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } finally {
      addresses.cancel(true);
    }
  }

  void stop() {
    executor.shutdownNow();
  }
}
