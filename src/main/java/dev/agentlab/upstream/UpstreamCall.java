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

/// One call to an upstream, from the name to the head of the answer and, unless that streams, to
/// its last byte. Belongs to one thread, which finds the addresses, waits, and gives up; what goes
/// over the network is an [ConnectionAttempt]'s.
final class UpstreamCall {
  /// A name with more addresses is not tried to its end.
  private static final int MOST_ADDRESSES = 4;

  /// What every exchange of one client shares.
  ///
  /// @param connect what the HTTP client gives TCP and TLS each
  /// @param memory for the responses that are being collected
  record Means(
      Vertx vertx,
      HttpClient http,
      EgressPolicy egress,
      NameLookup names,
      Duration connect,
      ConnectionPool connections,
      MemoryBudget memory) {}

  private final Means means;
  private final Context loop;
  private final UpstreamRequest asked;
  private final UpstreamLimits limits;
  private final Cancellation cancellation;
  private final CallProgress progress;

  /// @param loop where the answer is received
  UpstreamCall(
      Means means,
      Context loop,
      UpstreamRequest asked,
      UpstreamLimits limits,
      Cancellation cancellation) {
    this.means = means;
    this.loop = loop;
    this.asked = asked;
    this.limits = limits;
    this.cancellation = cancellation;
    this.progress = new CallProgress(Origin.of(asked.url()));
  }

  /// @throws UpstreamException if no whole answer came
  UpstreamResponse whole() {
    return switch (run(false)) {
      case UpstreamResponse response -> response;
      case UpstreamStream _ -> throw new AssertionError("nothing streams that may not");
    };
  }

  /// @throws UpstreamException if no answer came
  Transport.Opened opened() {
    return run(true);
  }

  /// Tries the addresses in their order until one accepts, and one again whose kept connection was
  /// stale.
  private Transport.Opened run(boolean mayStream) {
    List<InetAddress> addresses = resolve();
    addresses.forEach(this::judge);
    progress.resolved();
    Iterator<InetAddress> candidates = addresses.stream().limit(MOST_ADDRESSES).iterator();
    InetAddress address = candidates.next();
    while (true) {
      ConnectionAttempt attempt =
          new ConnectionAttempt(means, loop, asked, limits, mayStream, progress);
      try {
        return await(attempt, attempt.at(address));
      } catch (UpstreamException e) {
        if (!attempt.wasStale(e)) {
          boolean mayWorkElsewhere = e.kind().phase() == Phase.CONNECT && e.kind() != Kind.BUSY;
          if (!mayWorkElsewhere || !candidates.hasNext()) {
            throw e;
          }
          address = candidates.next();
        }
      }
    }
  }

  private List<InetAddress> resolve() {
    Optional<InetAddress> literal = progress.origin().literal();
    if (literal.isPresent()) {
      return List.of(literal.get());
    }
    try {
      long nanos = Math.min(limits.resolve().toNanos(), until(limits.total()));
      List<InetAddress> addresses =
          means.names().addresses(progress.origin().host(), Duration.ofNanos(nanos));
      if (addresses.isEmpty()) {
        throw progress.failure(Kind.UNRESOLVED, null);
      }
      return addresses;
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (RejectedExecutionException e) {
      throw progress.failure(Kind.RESOLVER_BUSY, e);
    } catch (TimeoutException e) {
      throw progress.failure(Kind.RESOLVE_TIMEOUT, e);
    } catch (ExecutionException e) {
      throw progress.failure(Kind.UNRESOLVED, e);
    }
  }

  private void judge(InetAddress address) {
    Optional<EgressDenial> refusal = means.egress().refusal(address);
    if (refusal.isPresent()) {
      throw progress.refused(refusal.get());
    }
  }

  private Transport.Opened await(
      ConnectionAttempt attempt, CompletableFuture<Transport.Opened> answer) {
    Runnable forget =
        cancellation.onCancel(() -> answer.completeExceptionally(new CancellationException()));
    // The client bounds TCP and TLS each; this bounds the wait for a free connection as well.
    long connecting = System.nanoTime() + 3 * limits.connect().toNanos();
    try {
      while (true) {
        ConnectionAttempt.Step step = attempt.step();
        long left = left(step, connecting);
        if (left <= 0 && !answer.isDone()) {
          attempt.abandon();
          throw progress.failure(
              step == ConnectionAttempt.Step.CONNECTION ? Kind.CONNECT_TIMEOUT : Kind.TIMEOUT,
              null);
        }
        try {
          return answer.get(left, TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
          // By now it may have come a step further, which has a later limit.
        }
      }
    } catch (InterruptedException e) {
      attempt.abandon();
      throw interrupted(e);
    } catch (CancellationException e) {
      attempt.abandon();
      throw progress.failure(Kind.CANCELLED, e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof UpstreamException failure
          ? failure
          : new IllegalStateException("an attempt fails with what it says", e);
    } finally {
      forget.run();
    }
  }

  /// Nanoseconds that are left for a step; of a later step never less.
  ///
  /// @param connecting until when the connection must be made
  private long left(ConnectionAttempt.Step step, long connecting) {
    long total = until(limits.total());
    long head = Math.min(until(limits.firstByte()), total);
    return switch (step) {
      case CONNECTION -> Math.min(connecting - System.nanoTime(), head);
      case HEAD -> head;
      case BODY -> total;
    };
  }

  /// Nanoseconds until so much time of the call is spent.
  private long until(Duration limit) {
    return limit.toNanos() - (System.nanoTime() - progress.began());
  }

  private UpstreamException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return progress.failure(Kind.CANCELLED, cause);
  }
}
