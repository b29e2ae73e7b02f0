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

/// Asks a [Resolver] within a time limit. The system's resolver blocks in native code and cannot be
/// interrupted there, so it runs on a few platform threads that a caller can walk away from.
final class NameLookup {
  private static final int MOST_AT_ONCE = 16;

  private final Resolver resolver;
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          MOST_AT_ONCE,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform().name("resolver-", 0).daemon().factory());

  NameLookup(Resolver resolver) {
    this.resolver = resolver;
  }

  /// @throws java.util.concurrent.RejectedExecutionException if too many are under way
  List<InetAddress> addresses(String host, Duration within)
      throws InterruptedException, ExecutionException, TimeoutException {
    Future<List<InetAddress>> answer = threads.submit(() -> List.copyOf(resolver.resolve(host)));
    try {
      return answer.get(within.toNanos(), TimeUnit.NANOSECONDS);
    } finally {
      answer.cancel(true);
    }
  }

  void stop() {
    threads.shutdownNow();
  }
}
