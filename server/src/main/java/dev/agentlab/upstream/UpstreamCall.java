package dev.agentlab.upstream;

import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.upstream.UpstreamException.Kind;
import dev.agentlab.upstream.UpstreamException.Phase;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One call to an upstream, from name resolution to the head of a streaming response or to the end
/// of a non-streaming response. Confined to one thread, which resolves the name and waits with
/// timeouts. [ConnectionAttempt] does the network I/O.
final class UpstreamCall {
  /// Maximum number of addresses that are tried for one name.
  private static final int MAX_ADDRESSES = 4;

  /// The resources that all calls of one client share.
  ///
  /// @param connectTimeout timeout of the HTTP client for TCP and for TLS
  /// @param memory for the non-streaming responses in progress
  record Resources(
      Vertx vertx,
      HttpClient http,
      EgressPolicy egressPolicy,
      NameLookup nameLookup,
      Duration connectTimeout,
      ConnectionPool connectionPool,
      MemoryBudget memory) {}

  private final Resources resources;
  private final Context loop;
  private final UpstreamRequest request;
  private final UpstreamLimits limits;
  private final Cancellation cancellation;
  private final CallProgress progress;

  /// @param loop the event loop that receives the response
  UpstreamCall(
      Resources resources,
      Context loop,
      UpstreamRequest request,
      UpstreamLimits limits,
      Cancellation cancellation) {
    this.resources = resources;
    this.loop = loop;
    this.request = request;
    this.limits = limits;
    this.cancellation = cancellation;
    this.progress = new CallProgress(Origin.of(request.url()));
  }

  /// @throws UpstreamException if no complete response is received
  UpstreamResponse collect() {
    return switch (execute(false)) {
      case UpstreamResponse response -> response;
      case UpstreamStream _ -> throw new AssertionError("a non-streaming call returned a stream");
    };
  }

  /// @throws UpstreamException if no response is received
  Transport.Result open() {
    return execute(true);
  }

  /// Tries the addresses in order until one accepts the connection. Retries an address whose reused
  /// connection was stale.
  private Transport.Result execute(boolean mayStream) {
    List<InetAddress> addresses = resolve();
    addresses.forEach(this::requireAllowed);
    progress.markResolved();
    Iterator<InetAddress> candidates = addresses.stream().limit(MAX_ADDRESSES).iterator();
    InetAddress address = candidates.next();
    while (true) {
      ConnectionAttempt attempt =
          new ConnectionAttempt(resources, loop, request, limits, mayStream, progress);
      try {
        return await(attempt, attempt.start(address));
      } catch (UpstreamException e) {
        if (!attempt.isStaleConnection(e)) {
          boolean canTryNext = e.kind().phase() == Phase.CONNECT && e.kind() != Kind.BUSY;
          if (!canTryNext || !candidates.hasNext()) {
            throw e;
          }
          address = candidates.next();
        }
      }
    }
  }

  private List<InetAddress> resolve() {
    Optional<InetAddress> literal = progress.origin().host().address();
    if (literal.isPresent()) {
      return List.of(literal.get());
    }
    try {
      long nanos = Math.min(limits.resolveTimeout().toNanos(), nanosUntil(limits.totalTimeout()));
      List<InetAddress> addresses =
          resources.nameLookup().resolve(progress.origin().host().text(), Duration.ofNanos(nanos));
      if (addresses.isEmpty()) {
        throw progress.createException(Kind.UNRESOLVED, null);
      }
      return addresses;
    } catch (InterruptedException e) {
      throw cancelledByInterrupt(e);
    } catch (RejectedExecutionException e) {
      throw progress.createException(Kind.RESOLVER_BUSY, e);
    } catch (TimeoutException e) {
      throw progress.createException(Kind.RESOLVE_TIMEOUT, e);
    } catch (ExecutionException e) {
      throw progress.createException(Kind.UNRESOLVED, e);
    }
  }

  private void requireAllowed(InetAddress address) {
    Optional<EgressDenial> denial = resources.egressPolicy().denial(address);
    if (denial.isPresent()) {
      throw progress.createDenial(denial.get());
    }
  }

  private Transport.Result await(
      ConnectionAttempt attempt, CompletableFuture<Transport.Result> result) {
    Runnable unregister =
        cancellation.onCancel(() -> result.completeExceptionally(new CancellationException()));
    // The client bounds TCP and TLS; this also bounds the wait for a free connection.
    long connectDeadline = System.nanoTime() + 3 * limits.connectTimeout().toNanos();
    try {
      while (true) {
        ConnectionAttempt.Step step = attempt.step();
        long remaining = remainingNanos(step, connectDeadline);
        if (remaining <= 0 && !result.isDone()) {
          attempt.cancel();
          throw progress.createException(
              step == ConnectionAttempt.Step.CONNECTION ? Kind.CONNECT_TIMEOUT : Kind.TIMEOUT,
              null);
        }
        try {
          return result.get(remaining, TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
          // The attempt may have reached a later step, which has a later deadline.
        }
      }
    } catch (InterruptedException e) {
      attempt.cancel();
      throw cancelledByInterrupt(e);
    } catch (CancellationException e) {
      attempt.cancel();
      throw progress.createException(Kind.CANCELLED, e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof UpstreamException failure
          ? failure
          : new IllegalStateException("the connection attempt failed unexpectedly", e);
    } finally {
      unregister.run();
    }
  }

  /// The remaining nanoseconds of a step. A later step never has less.
  ///
  /// @param connectDeadline the deadline of the connection, in the time of [System#nanoTime]
  private long remainingNanos(ConnectionAttempt.Step step, long connectDeadline) {
    long total = nanosUntil(limits.totalTimeout());
    long head = Math.min(nanosUntil(limits.firstByteTimeout()), total);
    return switch (step) {
      case CONNECTION -> Math.min(connectDeadline - System.nanoTime(), head);
      case HEAD -> head;
      case BODY -> total;
    };
  }

  /// The remaining nanoseconds of a timeout that started with the call.
  private long nanosUntil(Duration limit) {
    return limit.toNanos() - (System.nanoTime() - progress.startNanos());
  }

  private UpstreamException cancelledByInterrupt(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return progress.createException(Kind.CANCELLED, cause);
  }
}
