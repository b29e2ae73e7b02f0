package dev.agentlab.upstream;

import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.upstream.UpstreamException.Kind;
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
  private static final int MAX_PART_BYTES = 64 << 10;

  /// Time for the upstream to end a released body.
  private static final Duration RELEASE_TIMEOUT = Duration.ofSeconds(1);

  private final EventLoop loop;
  private final HttpClientResponse response;
  private final UpstreamLimits limits;
  private final long startNanos;
  private final long firstByteAwaitedSince;
  private final BiFunction<Kind, @Nullable Throwable, UpstreamException> exceptionFactory;
  private final Runnable endListener;

  private Flow.@Nullable Subscriber<? super byte[]> subscriber;

  /// Number of parts that the subscriber has requested and not received.
  private long demand;

  /// Received bytes that have not been emitted.
  private @Nullable Buffer pending;

  /// Whether emitting the pending bytes is scheduled.
  private boolean emitScheduled;

  /// Whether the pending bytes are being emitted.
  private boolean emitting;

  /// Whether the response is being read rather than paused.
  private boolean reading;

  /// Start of the current idle period, in the time of [System#nanoTime].
  private long idleSince = System.nanoTime();

  private boolean started;

  /// Whether the upstream has ended the response.
  private boolean sourceEnded;

  /// The reason why the response ends early.
  private @Nullable UpstreamException failure;

  /// Whether the subscriber receives no more signals.
  private boolean terminated;

  private EventLoop.Timer timer = EventLoop.Timer.NONE;

  /// Must be called on the event loop, before any part of the body is lost.
  ///
  /// @param startNanos start of the call, in the time of [System#nanoTime]
  /// @param firstByteAwaitedSince start of the timeout for the first byte, in the same time
  /// @param exceptionFactory creates the exception for the subscriber
  /// @param endListener called once, when the response has ended or its rest is discarded
  UpstreamBody(
      EventLoop loop,
      HttpClientResponse response,
      UpstreamLimits limits,
      long startNanos,
      long firstByteAwaitedSince,
      BiFunction<Kind, @Nullable Throwable, UpstreamException> exceptionFactory,
      Runnable endListener) {
    this.loop = loop;
    this.response = response;
    this.limits = limits;
    this.startNanos = startNanos;
    this.firstByteAwaitedSince = firstByteAwaitedSince;
    this.exceptionFactory = exceptionFactory;
    this.endListener = endListener;
    response.pause();
    response.handler(this::onChunk);
    response.endHandler(_ -> endSource(null));
    response.exceptionHandler(
        e -> failSource(exceptionFactory.apply(UpstreamExceptionMapper.ofBody(e), e)));
    checkTimeouts();
  }

  @Override
  public void subscribe(Flow.Subscriber<? super byte[]> newSubscriber) {
    loop.execute(() -> {
      if (subscriber != null) {
        throw new IllegalStateException("the body already has a subscriber");
      }
      subscriber = newSubscriber;
      newSubscriber.onSubscribe(this);
      signalEnd();
    });
  }

  @Override
  public void request(long parts) {
    loop.execute(() -> {
      if (demand == 0) {
        idleSince = System.nanoTime();
      }
      demand += parts;
      emit();
    });
  }

  @Override
  public void cancel() {
    discard(() -> response.request().reset());
  }

  @Override
  public void release() {
    discard(() -> {
      timer = loop.schedule(RELEASE_TIMEOUT, () -> response.request().reset());
      response.resume();
    });
  }

  /// Stops emitting.
  ///
  /// @param rest handles the rest of the body
  private void discard(Runnable rest) {
    loop.execute(() -> {
      if (!terminated) {
        terminate();
        if (!sourceEnded) {
          rest.run();
          endListener.run();
        }
      }
    });
  }

  /// Chunks that arrive together are emitted together: one write per chunk would cost more than all
  /// other processing.
  private void onChunk(Buffer part) {
    if (terminated) {
      return;
    }
    started = true;
    idleSince = System.nanoTime();
    pending = pending == null ? part.copy() : pending.appendBuffer(part);
    updateFlow();
    if (!emitScheduled) {
      emitScheduled = true;
      loop.enqueue(() -> {
        emitScheduled = false;
        emit();
      });
    }
  }

  private void emit() {
    Flow.Subscriber<? super byte[]> to = subscriber;
    if (emitting || to == null) {
      return;
    }
    emitting = true;
    try {
      while (!terminated && pending != null && demand > 0) {
        demand--;
        to.onNext(takePart(pending));
      }
    } finally {
      emitting = false;
    }
    updateFlow();
    signalEnd();
  }

  /// Removes one part from the pending bytes.
  private byte[] takePart(Buffer from) {
    if (from.length() <= MAX_PART_BYTES) {
      pending = null;
      return from.getBytes();
    }
    pending = from.getBuffer(MAX_PART_BYTES, from.length());
    return from.getBytes(0, MAX_PART_BYTES);
  }

  /// Pauses or resumes reading by the demand.
  private void updateFlow() {
    boolean room = pending == null || pending.length() < MAX_PART_BYTES;
    boolean shouldFlow = demand > 0 && room;
    if (terminated || sourceEnded || failure != null || shouldFlow == reading) {
      return;
    }
    reading = shouldFlow;
    if (shouldFlow) {
      response.resume();
    } else {
      response.pause();
    }
  }

  /// A reset can arrive before buffered bytes: drains those first. They are at most what is
  /// buffered of any paused body.
  private void failSource(UpstreamException exception) {
    if (!sourceEnded && failure == null) {
      failure = exception;
      response.resume();
      loop.enqueue(() -> endSource(exception));
    }
  }

  private void endSource(@Nullable UpstreamException exception) {
    if (!sourceEnded) {
      sourceEnded = true;
      failure = exception;
      timer.cancel();
      endListener.run();
      signalEnd();
    }
  }

  /// Ends the body early.
  void fail(UpstreamException exception) {
    if (!sourceEnded) {
      pending = null;
      endSource(exception);
      response.request().reset();
    }
  }

  private void signalEnd() {
    Flow.Subscriber<? super byte[]> to = subscriber;
    if (!sourceEnded || pending != null || terminated || to == null) {
      return;
    }
    terminate();
    UpstreamException exception = failure;
    if (exception == null) {
      to.onComplete();
    } else {
      to.onError(exception);
    }
  }

  private void terminate() {
    terminated = true;
    pending = null;
    timer.cancel();
  }

  /// Checks the timeouts, and schedules the next check. The idle timeout applies only while the
  /// subscriber has demand.
  private void checkTimeouts() {
    long now = System.nanoTime();
    long left = startNanos + limits.totalTimeout().toNanos() - now;
    if (!started) {
      left = Math.min(left, firstByteAwaitedSince + limits.firstByteTimeout().toNanos() - now);
    } else if (demand > 0) {
      left = Math.min(left, idleSince + limits.idleTimeout().toNanos() - now);
    }
    if (left <= 0) {
      endSource(exceptionFactory.apply(demand > 0 ? Kind.TIMEOUT : Kind.NOT_READ, null));
      response.request().reset();
      return;
    }
    // At most the shortest timeout, because the applicable timeout can change in the meantime.
    long next = Math.min(left, limits.idleTimeout().toNanos());
    timer =
        loop.schedule(
            Duration.ofNanos(next),
            () -> {
              if (!terminated && !sourceEnded) {
                checkTimeouts();
              }
            });
  }
}
