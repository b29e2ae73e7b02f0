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

/// One stream between the provider and the caller: reads each part, passes on the canonical events
/// it made whole, and ends with `[DONE]`, whatever the provider sends after it, or with an error
/// event when the answer does not become whole. Asks the provider for no more than the caller asks
/// for.
///
/// The provider's side calls from one thread at a time, and so does the caller's; they may be two.
final class StreamRelay implements Flow.Processor<byte[], byte[]>, Flow.Subscription {

  /// What a relay needs to know of the call it is part of.
  ///
  /// @param fault what an error that the provider reported means
  /// @param broken what it means that the provider's stream broke off
  /// @param event writes the event that tells the caller of a failure
  /// @param content is called when there is content to pass on, for each part from then on
  /// @param ended is called once with how the provider's stream ended, empty for well: on the
  ///   provider's thread, or on the caller's if that cancels it
  /// @param reported is called once with how the stream ended for the caller, empty for well, when
  ///   its last event is written or it is cancelled before; on any thread, after `ended`
  record Voice(
      Function<ProviderErrorException, CallFailure> fault,
      Function<UpstreamException, CallFailure> broken,
      Function<CallFailure, byte[]> event,
      Runnable content,
      Consumer<Optional<CallFailure>> ended,
      Consumer<Optional<CallFailure>> reported) {}

  private static final Logger LOG = LoggerFactory.getLogger(StreamRelay.class);

  private final StreamReader reader;
  private final MemoryBudget.Reservation memory;
  private final Voice voice;

  /// Done with the first events, or the reason why there will be none.
  private final CompletableFuture<Optional<CallFailure>> begun = new CompletableFuture<>();

  private volatile Flow.@Nullable Subscription source;

  // What follows is guarded by the monitor. The caller is called without it, by one thread at a
  // time: the one that passes on. The ends are reported with it, so that a thread that finds one
  // reported also finds what the report leaves behind, such as the fields of a log line.
  private final Deque<byte[]> waiting = new ArrayDeque<>(2);
  private Flow.@Nullable Subscriber<? super byte[]> caller;
  private boolean asked;
  private boolean passingOn;

  /// Whether the last event is known.
  private boolean complete;

  /// Why the answer is not whole, once complete.
  private Optional<CallFailure> failure = Optional.empty();

  /// Whether the caller is given nothing more.
  private boolean over;

  private boolean reported;

  /// @param memory counts what the reader holds and what waits for the caller; closed at the end
  StreamRelay(StreamReader reader, MemoryBudget.Reservation memory, Voice voice) {
    this.reader = reader;
    this.memory = memory;
    this.voice = voice;
  }

  /// Done when there is something to pass on, empty, or with why there never will be.
  CompletableFuture<Optional<CallFailure>> begun() {
    return begun;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    source = subscription;
    boolean gone;
    synchronized (this) {
      gone = over;
    }
    if (gone) {
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
      // A fault of ours, which must not leave the caller waiting.
      LOG.error("a provider's stream could not be read", e);
      cancelSource();
      failed(new byte[0], CallFailure.unreadable());
      return;
    }
    if (reader.isDone()) {
      finish(events, Optional.empty());
      releaseSource();
      return;
    }
    Optional<ProviderErrorException> fault = reader.error();
    if (events.length > 0) {
      pass(events);
    } else if (fault.isEmpty()) {
      ask(1);
    }
    if (fault.isPresent()) {
      cancelSource();
      failed(new byte[0], voice.fault().apply(fault.get()));
    }
  }

  @Override
  public void onComplete() {
    ended(CallFailure.cutOff());
  }

  @Override
  public void onError(Throwable thrown) {
    ended(thrown instanceof UpstreamException e ? voice.broken().apply(e) : CallFailure.cutOff());
  }

  /// @param otherwise what it means if the answer is not whole
  private void ended(CallFailure otherwise) {
    byte[] rest = reader.finish();
    if (reader.error().isPresent()) {
      failed(rest, voice.fault().apply(reader.error().get()));
    } else if (reader.isComplete()) {
      finish(rest, Optional.empty());
    } else {
      failed(rest, otherwise);
    }
  }

  private void failed(byte[] rest, CallFailure why) {
    if (rest.length == 0 && begun.complete(Optional.of(why))) {
      // The call may be tried again, so nothing that this source still sends may end it.
      synchronized (this) {
        complete = true;
        reported = true;
      }
      memory.close();
      return;
    }
    pass(rest);
    finish(voice.event().apply(why), Optional.of(why));
  }

  private void pass(byte[] events) {
    hold(events, () -> {});
  }

  private void finish(byte[] lastEvents, Optional<CallFailure> why) {
    hold(
        lastEvents,
        () -> {
          voice.ended().accept(why);
          complete = true;
          failure = why;
        });
  }

  /// Has events wait for the caller.
  ///
  /// @param ending what they mean for the stream, done with the monitor
  private void hold(byte[] events, Runnable ending) {
    if (reader.hasContent()) {
      voice.content().run();
    }
    synchronized (this) {
      if (!complete && !over) {
        ending.run();
        if (events.length > 0) {
          memory.grow(events.length);
          waiting.add(events);
        }
      }
    }
    begun.complete(Optional.empty());
    passOn();
  }

  /// Gives the caller what waits for it, unless another thread is at it.
  private void passOn() {
    while (true) {
      byte[] next;
      Flow.Subscriber<? super byte[]> to;
      boolean last;
      synchronized (this) {
        to = caller;
        boolean nothing = waiting.isEmpty() && !complete;
        if (to == null || !asked || passingOn || over || nothing) {
          return;
        }
        passingOn = true;
        next = waiting.poll();
        last = complete && waiting.isEmpty();
        over = last;
      }
      if (last) {
        end(to, next);
      } else if (next != null) {
        to.onNext(next);
        memory.shrink(next.length);
      }
      synchronized (this) {
        passingOn = false;
      }
    }
  }

  /// Gives the caller the end of the stream, after the last events if there are any left.
  private void end(Flow.Subscriber<? super byte[]> to, byte @Nullable [] lastEvents) {
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

  private synchronized void report(Optional<CallFailure> why) {
    if (!reported) {
      reported = true;
      voice.reported().accept(why);
    }
  }

  @Override
  public void subscribe(Flow.Subscriber<? super byte[]> to) {
    synchronized (this) {
      if (caller != null) {
        throw new IllegalStateException("the stream has a subscriber");
      }
      caller = to;
    }
    to.onSubscribe(this);
  }

  @Override
  public void request(long parts) {
    boolean first;
    synchronized (this) {
      first = !asked;
      asked = true;
    }
    passOn();
    // The first part was asked for before there was a caller.
    ask(first ? parts - 1 : parts);
  }

  @Override
  public void cancel() {
    Optional<CallFailure> cancelled = Optional.of(CallFailure.cancelled());
    boolean open;
    synchronized (this) {
      open = !complete && !over;
      over = true;
      waiting.clear();
      memory.close();
      if (open) {
        voice.ended().accept(cancelled);
      }
      report(cancelled);
    }
    if (open) {
      cancelSource();
    }
  }

  private void ask(long parts) {
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
