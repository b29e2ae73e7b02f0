package dev.agentlab.modelclient;

import dev.agentlab.dialects.ProviderErrorException;
import dev.agentlab.dialects.StreamReader;
import dev.agentlab.eventloop.LastPartSubscriber;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Relays one stream from the provider to the caller. Reads each part, emits the canonical events
/// that it completes, and ends with `[DONE]`, or with an error event if the response is incomplete.
/// Ignores anything that the provider sends after `[DONE]`. Applies the back-pressure of the caller
/// to the provider.
///
/// The provider signals from one thread at a time, and so does the caller. The two threads may
/// differ.
final class StreamRelay implements Flow.Processor<byte[], byte[]>, Flow.Subscription {

  /// The callbacks of a relay to its call.
  ///
  /// @param mapError maps an error that the provider reported
  /// @param mapConnectionFailure maps a connection failure of the provider stream
  /// @param encodeError encodes the error event of a failure
  /// @param onContent called when the stream has content, and for each later part
  /// @param onSourceEnd called once when the provider stream has ended, with its failure if any: on
  ///   the thread of the provider, or of the caller if it cancels
  /// @param onStreamEnd called once when the stream has ended for the caller, with its failure if
  ///   any: when the last event is written or the stream is cancelled earlier; on any thread, after
  ///   the provider stream has ended
  record StreamListener(
      Function<ProviderErrorException, CallFailure> mapError,
      Function<UpstreamException, CallFailure> mapConnectionFailure,
      Function<CallFailure, byte[]> encodeError,
      Runnable onContent,
      Consumer<Optional<CallFailure>> onSourceEnd,
      Consumer<Optional<CallFailure>> onStreamEnd) {}

  private static final Logger LOG = LoggerFactory.getLogger(StreamRelay.class);

  private final StreamReader reader;
  private final MemoryBudget.Reservation memory;
  private final StreamListener listener;

  /// Completed by the first events, empty, or by the failure if there are none.
  private final CompletableFuture<Optional<CallFailure>> started = new CompletableFuture<>();

  private volatile Flow.@Nullable Subscription source;

  // The fields below are guarded by the monitor. The subscriber is signalled without it, by one
  // thread at a time: the one that drains the queue. The ends are reported with it, so that a
  // thread that sees a reported end also sees the effects of the report, such as the fields of a
  // log line.
  private final Deque<byte[]> queue = new ArrayDeque<>(2);
  private Flow.@Nullable Subscriber<? super byte[]> subscriber;
  private boolean requested;
  private boolean draining;

  /// Whether the last event is queued.
  private boolean complete;

  /// The reason for an incomplete response, once complete.
  private Optional<CallFailure> failure = Optional.empty();

  /// Whether the caller receives no more signals.
  private boolean terminated;

  private boolean reported;

  /// @param memory counts the state of the reader and the queued events; closed at the end
  StreamRelay(StreamReader reader, MemoryBudget.Reservation memory, StreamListener listener) {
    this.reader = reader;
    this.memory = memory;
    this.listener = listener;
  }

  /// Completed when there is something to emit, empty, or with the failure if there never will be.
  CompletableFuture<Optional<CallFailure>> started() {
    return started;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    source = subscription;
    boolean cancelled;
    synchronized (this) {
      cancelled = terminated;
    }
    if (cancelled) {
      subscription.cancel();
    } else {
      subscription.request(1);
    }
  }

  @Override
  public void onNext(byte[] part) {
    byte[] events;
    try {
      events = reader.read(part);
    } catch (RuntimeException e) {
      // An internal error must not leave the caller waiting.
      LOG.error("reading the provider's stream failed", e);
      cancelSource();
      fail(new byte[0], CallFailure.unreadable());
      return;
    }
    if (reader.isDone()) {
      finish(events, Optional.empty());
      releaseSource();
      return;
    }
    Optional<ProviderErrorException> error = reader.error();
    if (events.length > 0) {
      emit(events);
    } else if (error.isEmpty()) {
      requestFromSource(1);
    }
    if (error.isPresent()) {
      cancelSource();
      fail(new byte[0], listener.mapError().apply(error.get()));
    }
  }

  @Override
  public void onComplete() {
    endSource(CallFailure.truncated());
  }

  @Override
  public void onError(Throwable thrown) {
    endSource(
        thrown instanceof UpstreamException e
            ? listener.mapConnectionFailure().apply(e)
            : CallFailure.truncated());
  }

  /// @param incomplete the failure if the response is incomplete
  private void endSource(CallFailure incomplete) {
    byte[] rest = reader.finish();
    if (reader.error().isPresent()) {
      fail(rest, listener.mapError().apply(reader.error().get()));
    } else if (reader.isComplete()) {
      finish(rest, Optional.empty());
    } else {
      fail(rest, incomplete);
    }
  }

  private void fail(byte[] rest, CallFailure cause) {
    if (rest.length == 0 && started.complete(Optional.of(cause))) {
      // The call may be retried, so no later signal of this source may end it.
      synchronized (this) {
        complete = true;
        reported = true;
      }
      memory.close();
      return;
    }
    emit(rest);
    finish(listener.encodeError().apply(cause), Optional.of(cause));
  }

  private void emit(byte[] events) {
    enqueue(events, () -> {});
  }

  private void finish(byte[] lastEvents, Optional<CallFailure> cause) {
    enqueue(
        lastEvents,
        () -> {
          listener.onSourceEnd().accept(cause);
          complete = true;
          failure = cause;
        });
  }

  /// Queues events for the caller.
  ///
  /// @param onQueue updates the state of the stream, with the monitor
  private void enqueue(byte[] events, Runnable onQueue) {
    if (reader.hasContent()) {
      listener.onContent().run();
    }
    synchronized (this) {
      if (!complete && !terminated) {
        onQueue.run();
        if (events.length > 0) {
          memory.grow(events.length);
          queue.add(events);
        }
      }
    }
    started.complete(Optional.empty());
    drain();
  }

  /// Emits the queued events, unless another thread is doing so.
  private void drain() {
    while (true) {
      byte[] next;
      Flow.Subscriber<? super byte[]> to;
      boolean last;
      synchronized (this) {
        to = subscriber;
        boolean isEmpty = queue.isEmpty() && !complete;
        if (to == null || !requested || draining || terminated || isEmpty) {
          return;
        }
        draining = true;
        next = queue.poll();
        last = complete && queue.isEmpty();
        terminated = last;
      }
      if (last) {
        emitEnd(to, next);
      } else if (next != null) {
        to.onNext(next);
        memory.shrink(next.length);
      }
      synchronized (this) {
        draining = false;
      }
    }
  }

  /// Emits the end of the stream, after the last events if there are any.
  private void emitEnd(Flow.Subscriber<? super byte[]> to, byte @Nullable [] lastEvents) {
    if (lastEvents != null && to instanceof LastPartSubscriber subscriber) {
      subscriber.onLast(lastEvents, this::reportEnd);
    } else {
      reportEnd();
      if (lastEvents != null) {
        to.onNext(lastEvents);
      }
      to.onComplete();
    }
    memory.close();
  }

  private synchronized void reportEnd() {
    report(failure);
  }

  private synchronized void report(Optional<CallFailure> cause) {
    if (!reported) {
      reported = true;
      listener.onStreamEnd().accept(cause);
    }
  }

  @Override
  public void subscribe(Flow.Subscriber<? super byte[]> newSubscriber) {
    synchronized (this) {
      if (subscriber != null) {
        throw new IllegalStateException("the stream already has a subscriber");
      }
      subscriber = newSubscriber;
    }
    newSubscriber.onSubscribe(this);
  }

  @Override
  public void request(long parts) {
    boolean first;
    synchronized (this) {
      first = !requested;
      requested = true;
    }
    drain();
    // The first part was requested before there was a subscriber.
    requestFromSource(first ? parts - 1 : parts);
  }

  @Override
  public void cancel() {
    Optional<CallFailure> cancelled = Optional.of(CallFailure.cancelled());
    boolean active;
    synchronized (this) {
      active = !complete && !terminated;
      terminated = true;
      queue.clear();
      memory.close();
      if (active) {
        listener.onSourceEnd().accept(cancelled);
      }
      report(cancelled);
    }
    if (active) {
      cancelSource();
    }
  }

  private void requestFromSource(long parts) {
    Flow.Subscription from = source;
    if (from != null && parts > 0) {
      from.request(parts);
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
