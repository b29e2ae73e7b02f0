package dev.agentlab.upstream;

import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.upstream.UpstreamException.Kind;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.concurrent.Flow;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// The body of one streaming response, for one subscriber, with back-pressure. Its fields are
/// confined to the event loop of the call.
final class UpstreamBody implements Flow.Publisher<byte[]>, UpstreamStream.Subscription {
  /// Maximum size of a part, so that the memory for the requested parts is bounded. Reading pauses
  /// when that many bytes are pending.
  private static final int LARGEST_PART = 64 << 10;

  /// Time for the upstream to end a released body.
  private static final Duration LAST_MOMENT = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final Context loop;
  private final HttpClientResponse response;
  private final UpstreamLimits limits;
  private final long began;
  private final BiFunction<Kind, @Nullable Throwable, UpstreamException> failures;

  private Flow.@Nullable Subscriber<? super byte[]> subscriber;

  /// Number of parts that the subscriber has requested and not received.
  private long demand;

  /// Received bytes that have not been emitted.
  private @Nullable Buffer pending;

  /// Whether emitting the pending bytes is scheduled.
  private boolean scheduled;

  /// Whether the pending bytes are being emitted.
  private boolean passingOn;

  /// Whether the response is being read rather than paused.
  private boolean flowing;

  /// Start of the current idle period, in the time of [System#nanoTime].
  private long waitingSince = System.nanoTime();

  private boolean begun;

  /// Whether the upstream has ended the response.
  private boolean sourceEnded;

  /// The reason why the response ends early.
  private @Nullable UpstreamException failure;

  /// Whether the subscriber receives no more signals.
  private boolean over;

  private long timer = -1;

  /// Must be called on the event loop, before any part of the body is lost.
  ///
  /// @param startNanos start of the call, in the time of [System#nanoTime]
  /// @param exceptionFactory creates the exception for the subscriber
  UpstreamBody(
      Vertx vertx,
      Context loop,
      HttpClientResponse response,
      UpstreamLimits limits,
      long startNanos,
      BiFunction<Kind, @Nullable Throwable, UpstreamException> exceptionFactory) {
    this.vertx = vertx;
    this.loop = loop;
    this.response = response;
    this.limits = limits;
    this.began = startNanos;
    this.failures = exceptionFactory;
    response.pause();
    response.handler(this::received);
    response.endHandler(_ -> ended(null));
    response.exceptionHandler(e -> broke(exceptionFactory.apply(FailureCauses.reading(e), e)));
    watch();
  }

  @Override
  public void subscribe(Flow.Subscriber<? super byte[]> newSubscriber) {
    EventLoops.on(
        loop,
        () -> {
          if (subscriber != null) {
            throw new IllegalStateException("the body already has a subscriber");
          }
          subscriber = newSubscriber;
          newSubscriber.onSubscribe(this);
          tellTheEnd();
        });
  }

  @Override
  public void request(long parts) {
    EventLoops.on(
        loop,
        () -> {
          if (demand == 0) {
            waitingSince = System.nanoTime();
          }
          demand += parts;
          passOn();
        });
  }

  @Override
  public void cancel() {
    leave(() -> response.request().reset());
  }

  @Override
  public void release() {
    leave(() -> {
      timer = vertx.setTimer(LAST_MOMENT.toMillis(), _ -> response.request().reset());
      response.resume();
    });
  }

  /// Stops emitting.
  ///
  /// @param rest handles the rest of the body
  private void leave(Runnable rest) {
    EventLoops.on(
        loop,
        () -> {
          if (!over) {
            finish();
            if (!sourceEnded) {
              rest.run();
            }
          }
        });
  }

  /// Chunks that arrive together are emitted together: one write per chunk would cost more than all
  /// other processing.
  private void received(Buffer part) {
    if (over) {
      return;
    }
    begun = true;
    waitingSince = System.nanoTime();
    pending = pending == null ? part.copy() : pending.appendBuffer(part);
    holdBack();
    if (!scheduled) {
      scheduled = true;
      loop.runOnContext(_ -> {
        scheduled = false;
        passOn();
      });
    }
  }

  private void passOn() {
    Flow.Subscriber<? super byte[]> to = subscriber;
    if (passingOn || to == null) {
      return;
    }
    passingOn = true;
    try {
      while (!over && pending != null && demand > 0) {
        demand--;
        to.onNext(part(pending));
      }
    } finally {
      passingOn = false;
    }
    holdBack();
    tellTheEnd();
  }

  /// Removes one part from the pending bytes.
  private byte[] part(Buffer from) {
    if (from.length() <= LARGEST_PART) {
      pending = null;
      return from.getBytes();
    }
    pending = from.getBuffer(LARGEST_PART, from.length());
    return from.getBytes(0, LARGEST_PART);
  }

  /// Pauses or resumes reading by the demand.
  private void holdBack() {
    boolean room = pending == null || pending.length() < LARGEST_PART;
    boolean shouldFlow = demand > 0 && room;
    if (over || sourceEnded || failure != null || shouldFlow == flowing) {
      return;
    }
    flowing = shouldFlow;
    if (shouldFlow) {
      response.resume();
    } else {
      response.pause();
    }
  }

  /// A reset can arrive before buffered bytes: drains those first. They are at most what is
  /// buffered of any paused body.
  private void broke(UpstreamException exception) {
    if (!sourceEnded && failure == null) {
      failure = exception;
      response.resume();
      loop.runOnContext(_ -> ended(exception));
    }
  }

  private void ended(@Nullable UpstreamException exception) {
    if (!sourceEnded) {
      sourceEnded = true;
      failure = exception;
      vertx.cancelTimer(timer);
      tellTheEnd();
    }
  }

  private void tellTheEnd() {
    Flow.Subscriber<? super byte[]> to = subscriber;
    if (!sourceEnded || pending != null || over || to == null) {
      return;
    }
    finish();
    UpstreamException exception = failure;
    if (exception == null) {
      to.onComplete();
    } else {
      to.onError(exception);
    }
  }

  private void finish() {
    over = true;
    pending = null;
    vertx.cancelTimer(timer);
  }

  /// Checks the timeouts, and schedules the next check. The idle timeout applies only while the
  /// subscriber has demand.
  private void watch() {
    long now = System.nanoTime();
    long left = began + limits.total().toNanos() - now;
    if (!begun) {
      left = Math.min(left, began + limits.firstByte().toNanos() - now);
    } else if (demand > 0) {
      left = Math.min(left, waitingSince + limits.idle().toNanos() - now);
    }
    if (left <= 0) {
      ended(failures.apply(Kind.TIMEOUT, null));
      response.request().reset();
      return;
    }
    // At most the shortest timeout, because the applicable timeout can change in the meantime.
    long next = Math.min(left, limits.idle().toNanos());
    timer =
        vertx.setTimer(
            Duration.ofNanos(next).toMillis() + 1,
            _ -> {
              if (!over && !sourceEnded) {
                watch();
              }
            });
  }
}
