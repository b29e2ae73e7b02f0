package dev.agentlab.modelclient;

import dev.agentlab.dialects.ProviderErrorException;
import dev.agentlab.dialects.StreamReader;
import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.eventloop.LastPartSubscriber;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Relays one stream from the provider to the caller. Reads each part, emits the events for the
/// caller that it completes, and ends with the last event of the stream, or with an error event if
/// the response is incomplete. Ignores anything that the provider sends after the end. Applies the
/// back-pressure of the caller to the provider.
///
/// Until the first content the events wait, so that a failure before it can still be retried.
///
/// Confined to the event loop of the call, on which the provider signals and the caller subscribes.
final class StreamRelay implements Flow.Processor<byte[], byte[]>, Flow.Subscription {
  /// Maximum size of the events that wait for content.
  private static final int MAX_WAITING_BYTES = 64 << 10;

  private static final byte[] NO_EVENTS = new byte[0];

  private static final Logger LOG = LoggerFactory.getLogger(StreamRelay.class);

  /// The connection of a relay to its call.
  interface Listener {
    /// Maps an error that the provider reported.
    CallFailure toFailure(ProviderErrorException error);

    /// Maps a connection failure of the provider stream.
    CallFailure toFailure(UpstreamException error);

    /// The event that ends a stream with a failure.
    byte[] toEvent(CallFailure failure);

    /// Called once when the provider stream has ended, before the caller receives the last event.
    ///
    /// @return completed on the event loop, also by a failure, when the caller may receive it
    CompletableFuture<Void> beforeEnd();

    /// Called for each part that the provider sends.
    void onBytes(int count);

    /// Called when the stream has content, and for each later part.
    void onContent();

    /// Called once when the provider stream has ended, unless the stream has failed before its
    /// start.
    ///
    /// @param failure empty if the response is complete
    void onSourceEnd(Optional<CallFailure> failure);

    /// Called once when the stream has ended for the caller: when the last event is written or the
    /// stream is cancelled earlier, after the provider stream has ended. Not called if the stream
    /// has failed before its start.
    ///
    /// @param failure empty if the response is complete
    void onStreamEnd(Optional<CallFailure> failure);
  }

  private final EventLoop loop;
  private final StreamReader reader;
  private final MemoryBudget.Reservation memory;
  private final Listener listener;
  private final CompletableFuture<StreamRelay> started = new CompletableFuture<>();
  private final Deque<byte[]> queue = new ArrayDeque<>(2);

  /// The size of the queue, which is reserved until a part is emitted.
  private int queuedBytes;

  private Flow.@Nullable Subscription source;

  /// The number of parts requested from the source and not received.
  private long outstanding;

  private Flow.@Nullable Subscriber<? super byte[]> subscriber;

  /// The number of parts that the subscriber has requested and not received.
  private long demand;

  private boolean draining;

  /// Whether the last event is queued.
  private boolean complete;

  /// Whether the last event waits for [Listener#beforeEnd].
  private boolean held;

  /// The reason for an incomplete response, once complete.
  private Optional<CallFailure> failure = Optional.empty();

  /// Whether the caller receives no more signals.
  private boolean terminated;

  private boolean reported;

  /// @param memory counts the state of the reader and the queued events; closed at the end
  StreamRelay(
      EventLoop loop, StreamReader reader, MemoryBudget.Reservation memory, Listener listener) {
    this.loop = loop;
    this.reader = reader;
    this.memory = memory;
    this.listener = listener;
  }

  /// Completed with this relay when there is something to emit; fails with a
  /// [FailedAttemptException] if there never will be.
  CompletableFuture<StreamRelay> started() {
    return started;
  }

  /// Starts the stream although it has no content yet, because the caller has waited long enough.
  void start() {
    if (!started.isDone()) {
      started.complete(this);
      drain();
    }
  }

  /// Ends the attempt because the stream has no content in time. Has no effect once it has started.
  void abandon(CallFailure cause) {
    if (!started.isDone()) {
      cancelSource();
      discard(cause);
    }
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    source = subscription;
    if (terminated || complete) {
      subscription.cancel();
    } else {
      pull();
    }
  }

  @Override
  public void onNext(byte[] part) {
    outstanding--;
    if (terminated || complete) {
      return;
    }
    listener.onBytes(part.length);
    byte[] events;
    try {
      events = reader.read(part);
    } catch (RuntimeException e) {
      // An internal error must not leave the caller waiting.
      LOG.error("reading the provider's stream failed", e);
      cancelSource();
      fail(NO_EVENTS, FailureClassifier.unreadable());
      return;
    }
    Optional<ProviderErrorException> error = reader.error();
    if (error.isPresent()) {
      cancelSource();
      fail(events, listener.toFailure(error.get()));
    } else if (reader.isDone()) {
      finish(events, Optional.empty());
      releaseSource();
    } else {
      emit(events);
      pull();
    }
  }

  @Override
  public void onComplete() {
    endSource(FailureClassifier.truncated());
  }

  @Override
  public void onError(Throwable thrown) {
    endSource(
        thrown instanceof UpstreamException e
            ? listener.toFailure(e)
            : FailureClassifier.truncated());
  }

  /// @param incomplete the failure if the response is incomplete
  private void endSource(CallFailure incomplete) {
    if (terminated || complete) {
      return;
    }
    byte[] rest;
    try {
      rest = reader.finish();
    } catch (RuntimeException e) {
      LOG.error("reading the end of the provider's stream failed", e);
      fail(NO_EVENTS, FailureClassifier.unreadable());
      return;
    }
    if (reader.error().isPresent()) {
      fail(rest, listener.toFailure(reader.error().get()));
    } else if (reader.isComplete()) {
      finish(rest, Optional.empty());
    } else {
      fail(rest, incomplete);
    }
  }

  /// Ends the stream with an error event; before its start, with an exception, so that the call may
  /// be retried.
  private void fail(byte[] rest, CallFailure cause) {
    if (!started.isDone() && !reader.hasContent()) {
      discard(cause);
      return;
    }
    emit(rest);
    finish(listener.toEvent(cause), Optional.of(cause));
  }

  private void discard(CallFailure cause) {
    terminated = true;
    reported = true;
    queue.clear();
    memory.close();
    started.completeExceptionally(new FailedAttemptException(cause));
  }

  private void emit(byte[] events) {
    if (reader.hasContent()) {
      listener.onContent();
    }
    enqueue(events);
    if (reader.hasContent() || queuedBytes > MAX_WAITING_BYTES) {
      start();
    }
    drain();
  }

  private void finish(byte[] lastEvents, Optional<CallFailure> cause) {
    if (terminated) {
      return;
    }
    if (reader.hasContent()) {
      listener.onContent();
    }
    listener.onSourceEnd(cause);
    complete = true;
    failure = cause;
    enqueue(lastEvents);
    CompletableFuture<Void> ready = listener.beforeEnd();
    held = !ready.isDone();
    start();
    drain();
    if (held) {
      var _ =
          ready.whenComplete((_, _) -> {
            held = false;
            drain();
          });
    }
  }

  private void enqueue(byte[] events) {
    if (events.length > 0) {
      memory.grow(events.length);
      queue.add(events);
      queuedBytes += events.length;
    }
  }

  /// Emits the queued events that the subscriber has requested.
  private void drain() {
    Flow.Subscriber<? super byte[]> to = subscriber;
    if (to == null || draining) {
      return;
    }
    draining = true;
    try {
      while (!terminated && demand > 0 && isNextReady()) {
        byte[] next = queue.poll();
        if (next != null) {
          queuedBytes -= next.length;
        }
        if (complete && queue.isEmpty()) {
          terminated = true;
          emitEnd(to, next);
        } else if (next != null) {
          demand--;
          to.onNext(next);
          if (!terminated) {
            memory.shrink(next.length);
          }
        }
      }
    } finally {
      draining = false;
    }
  }

  /// Whether the next events, or the end of the stream, can be emitted.
  private boolean isNextReady() {
    return (complete && queue.size() <= 1) ? !held : !queue.isEmpty();
  }

  /// Emits the end of the stream, after the last events if there are any.
  private void emitEnd(Flow.Subscriber<? super byte[]> to, byte @Nullable [] lastEvents) {
    if (lastEvents != null && to instanceof LastPartSubscriber subscriber) {
      subscriber.onLast(lastEvents, () -> report(failure));
    } else {
      report(failure);
      if (lastEvents != null) {
        to.onNext(lastEvents);
      }
      to.onComplete();
    }
    memory.close();
  }

  private void report(Optional<CallFailure> cause) {
    if (!reported) {
      reported = true;
      listener.onStreamEnd(cause);
    }
  }

  @Override
  public void subscribe(Flow.Subscriber<? super byte[]> newSubscriber) {
    loop.execute(() -> {
      if (subscriber != null) {
        throw new IllegalStateException("the stream already has a subscriber");
      }
      subscriber = newSubscriber;
      newSubscriber.onSubscribe(this);
    });
  }

  @Override
  public void request(long parts) {
    loop.execute(() -> {
      demand = demand + parts < 0 ? Long.MAX_VALUE : demand + parts;
      drain();
      pull();
    });
  }

  @Override
  public void cancel() {
    loop.execute(() -> {
      Optional<CallFailure> cancelled = Optional.of(FailureClassifier.cancelled());
      boolean active = !complete && !terminated;
      if (active && !started.isDone()) {
        discard(cancelled.get());
      } else {
        terminated = true;
        queue.clear();
        memory.close();
        if (active) {
          listener.onSourceEnd(cancelled);
          CompletableFuture<Void> _ = listener.beforeEnd();
        }
        report(cancelled);
      }
      if (active) {
        cancelSource();
      }
    });
  }

  /// Requests from the source what the subscriber has requested. Before the start, one part at a
  /// time.
  private void pull() {
    Flow.Subscription from = source;
    if (from == null || terminated || complete) {
      return;
    }
    long wanted = started.isDone() && subscriber != null ? demand - queue.size() : 1;
    long missing = wanted - outstanding;
    if (missing > 0 && (!started.isDone() || subscriber != null)) {
      outstanding += missing;
      from.request(missing);
    }
  }

  private void releaseSource() {
    if (source instanceof UpstreamStream.Subscription body) {
      body.release();
    } else {
      cancelSource();
    }
  }

  private void cancelSource() {
    Flow.Subscription from = source;
    if (from != null) {
      from.cancel();
    }
  }
}
