package dev.agentlab.modelclient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.dialects.ProviderErrorException;
import dev.agentlab.dialects.StreamReader;
import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.eventloop.LastPartSubscriber;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.testing.Await;
import dev.agentlab.upstream.UpstreamException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamRelayTest {
  private final EventLoops loops = new EventLoops();
  private final EventLoop loop = loops.current();
  private final Source source = new Source();
  private final MemoryBudget memory = new MemoryBudget(64 << 20);
  private final RecordingListener listener = new RecordingListener();

  @AfterEach
  void stop() throws TimeoutException {
    loops.stop(Duration.ofSeconds(5));
  }

  @Test
  void relayRequestsOnlyWhatTheCallerRequests() {
    StreamRelay relay = createRelay(new Echo());
    Recorder caller = new Recorder();
    onLoop(() -> {
      source.subscribe(relay);
      assertThat(source.requested).hasValue(1);

      relay.onNext(bytes("a"));
      relay.subscribe(caller);
      assertThat(caller.signals()).containsExactly("a");
      assertThat(source.requested).hasValue(1);
      caller.subscription().request(1);
      assertThat(source.requested).hasValue(2);
      relay.onNext(new byte[0]);
      assertThat(source.requested).as("a part without an event is not counted").hasValue(3);
    });
  }

  @Test
  void eventsWithoutContentWaitForContent() {
    StreamRelay relay = createRelay(new Echo());
    Recorder caller = new Recorder();
    onLoop(() -> {
      source.subscribe(relay);
      relay.onNext(bytes("(role)"));
      assertThat(relay.started()).isNotDone();
      assertThat(source.requested).hasValue(2);
      relay.onNext(bytes("a"));
      assertThat(relay.started()).isCompletedWithValue(relay);

      relay.subscribe(caller);
      caller.subscription().request(1);
      assertThat(caller.signals()).containsExactly("(role)", "a");
      assertThat(listener.contents).hasPositiveValue();
    });
  }

  @Test
  void startDoesNotWaitForContent() {
    StreamRelay relay = createRelay(new Echo());
    Recorder caller = new Recorder();
    onLoop(() -> {
      source.subscribe(relay);
      relay.onNext(bytes("(role)"));
      relay.start();
      relay.subscribe(caller);

      assertThat(relay.started()).isCompletedWithValue(relay);
      assertThat(caller.signals()).containsExactly("(role)");
      assertThat(listener.contents).hasValue(0);
    });
  }

  @Test
  void manyEventsWithoutContentStartTheStream() {
    StreamRelay relay = createRelay(new Echo());
    onLoop(() -> {
      source.subscribe(relay);
      relay.onNext(bytes("(role)".repeat(10_000)));
      assertThat(relay.started()).isNotDone();
      relay.onNext(bytes("(role)".repeat(10_000)));
      assertThat(relay.started()).isDone();
    });
  }

  @Test
  void lastEventWaitsUntilTheResponseIsKept() {
    listener.ready = new CompletableFuture<>();
    StreamRelay relay = createRelay(new Echo());
    Recorder caller = new Recorder();
    onLoop(() -> {
      source.subscribe(relay);
      relay.onNext(bytes("a"));
      relay.subscribe(caller);
      caller.subscription().request(9);
      relay.onComplete();
      assertThat(caller.signals()).containsExactly("a");
      assertThat(listener.streamEnds).isEmpty();

      listener.ready.completeExceptionally(new IllegalStateException());
      assertThat(caller.signals()).containsExactly("a", "[DONE]", "complete");
      assertThat(listener.streamEnds).containsExactly(Optional.empty());
    });
  }

  @Test
  void failureBeforeContentDropsWaitingEvents() {
    StreamRelay relay = createRelay(new IncompleteEcho());
    onLoop(() -> {
      source.subscribe(relay);
      relay.onNext(bytes("(role)"));
      relay.onError(new IllegalStateException("simulated failure"));

      assertThat(failure(relay)).isEqualTo(FailureClassifier.truncated());
      assertThat(listener.streamEnds).isEmpty();
      assertThat(memory.reserved()).isZero();
    });
  }

  @Test
  void queuedEventsAreEmittedBeforeTheEnd() throws Exception {
    StreamRelay relay = createRelay(new Echo());
    onLoop(() -> {
      source.subscribe(relay);
      relay.onNext(bytes("a"));
      relay.onComplete();
    });

    assertThat(new StreamSubscriber(relay).readAll()).isEqualTo("a[DONE]");
    assertThat(listener.streamEnds).containsExactly(Optional.empty());
  }

  @Test
  void nothingIsEmittedAfterDone() throws Exception {
    StreamRelay relay =
        createRelay(
            new Echo() {
              @Override
              public boolean isDone() {
                return true;
              }
            });
    onLoop(() -> {
      source.subscribe(relay);
      relay.onNext(bytes("a[DONE]"));
      relay.onNext(bytes("b"));
    });

    assertThat(new StreamSubscriber(relay).readAll()).isEqualTo("a[DONE]");
    assertThat(listener.streamEnds).containsExactly(Optional.empty());
    assertThat(source.cancelled).isCompleted();
  }

  @Test
  void readerThatFailsAtTheEndEndsTheStreamWithAnError() throws Exception {
    StreamRelay relay =
        createRelay(
            new Echo() {
              @Override
              public byte[] finish() {
                throw new IllegalStateException("simulated failure");
              }
            });
    onLoop(() -> {
      source.subscribe(relay);
      relay.onNext(bytes("a"));
      relay.onComplete();
    });

    assertThat(new StreamSubscriber(relay).readAll())
        .contains("the provider's stream could not be read");
  }

  @Test
  void failingReaderEndsTheStreamWithAnError() throws Exception {
    StreamRelay relay =
        createRelay(
            new Echo() {
              @Override
              public byte[] read(byte[] part) {
                if (part.length > 1) {
                  throw new IllegalStateException("simulated failure");
                }
                return super.read(part);
              }
            });
    onLoop(() -> {
      source.subscribe(relay);
      relay.onNext(bytes("a"));
    });
    StreamSubscriber caller = new StreamSubscriber(relay);
    assertThat(caller.readNext()).isEqualTo("a");
    onLoop(() -> relay.onNext(bytes("bb")));

    assertThat(caller.readAll())
        .startsWith("event: error\n")
        .contains("the provider's stream could not be read");
    assertThat(source.cancelled).isCompleted();
  }

  @Test
  void failedAttemptIgnoresLaterSignals() {
    StreamRelay relay = createRelay(new IncompleteEcho());
    onLoop(() -> {
      source.subscribe(relay);
      relay.onComplete();
      relay.onError(new IllegalStateException("late"));
      relay.cancel();

      assertThat(failure(relay)).isEqualTo(FailureClassifier.truncated());
      assertThat(listener.sourceEnds).isEmpty();
      assertThat(listener.streamEnds).isEmpty();
    });
  }

  @Test
  void endIsReportedBeforeItIsEmitted() {
    Recorder caller = new Recorder();
    listener.onStreamEnd =
        () -> {
          // Simulates a request of the subscriber in the meantime.
          caller.subscription().request(1);
          caller.signals().add("reported");
        };
    StreamRelay relay = createRelay(new Echo());
    onLoop(() -> {
      source.subscribe(relay);
      relay.onNext(bytes("a"));
      relay.subscribe(caller);
      caller.subscription().request(1);
      relay.onComplete();
    });

    assertThat(caller.signals()).containsExactly("a", "reported", "[DONE]", "complete");
  }

  @Test
  void endIsReportedWhenTheLastEventIsWritten() {
    LastPartRecorder caller = new LastPartRecorder();
    StreamRelay relay = createRelay(new Echo());
    onLoop(() -> {
      endWith(relay, caller);

      assertThat(caller.signals()).containsExactly("a", "last [DONE]");
      assertThat(listener.sourceEnds).containsExactly(Optional.empty());
      assertThat(listener.streamEnds).isEmpty();
      caller.write();
      relay.cancel();
      assertThat(listener.streamEnds).containsExactly(Optional.empty());
    });
  }

  @Test
  void disconnectBeforeLastEventIsWrittenCancels() {
    LastPartRecorder caller = new LastPartRecorder();
    StreamRelay relay = createRelay(new Echo());
    onLoop(() -> {
      endWith(relay, caller);
      relay.cancel();
      caller.write();
    });

    assertThat(listener.sourceEnds).containsExactly(Optional.empty());
    assertThat(listener.streamEnds).containsExactly(Optional.of(FailureClassifier.cancelled()));
  }

  private void endWith(StreamRelay relay, Recorder caller) {
    source.subscribe(relay);
    relay.onNext(bytes("a"));
    relay.subscribe(caller);
    caller.subscription().request(1);
    relay.onComplete();
  }

  @Test
  void disconnectWithQueuedEventsCancels() {
    StreamRelay relay = createRelay(new Echo());
    onLoop(() -> {
      source.subscribe(relay);
      relay.onNext(bytes("a"));
      relay.onComplete();
      relay.cancel();
    });

    assertThat(listener.sourceEnds).containsExactly(Optional.empty());
    assertThat(listener.streamEnds).containsExactly(Optional.of(FailureClassifier.cancelled()));
  }

  @Test
  void streamCancelledBeforeSubscriptionCancelsItsSource() {
    StreamRelay relay = createRelay(new Echo());
    onLoop(() -> {
      relay.cancel();
      source.subscribe(relay);
    });

    assertThat(source.cancelled).isCompleted();
    assertThat(source.requested).hasValue(0);
  }

  private StreamRelay createRelay(StreamReader reader) {
    return new StreamRelay(loop, reader, memory.open(), listener);
  }

  /// Runs steps on the event loop of the relay.
  private void onLoop(Runnable steps) {
    Await.result(CompletableFuture.runAsync(steps, loop));
  }

  private static CallFailure failure(StreamRelay relay) {
    return ((FailedAttemptException) relay.started().exceptionNow()).failure();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static final class Source implements Flow.Publisher<byte[]>, Flow.Subscription {
    final AtomicLong requested = new AtomicLong();
    final CompletableFuture<Void> cancelled = new CompletableFuture<>();

    @Override
    public void subscribe(Flow.Subscriber<? super byte[]> to) {
      to.onSubscribe(this);
    }

    @Override
    public void request(long parts) {
      requested.addAndGet(parts);
    }

    @Override
    public void cancel() {
      cancelled.complete(null);
    }
  }

  /// A subscriber that requests one part and records its signals.
  private static class Recorder implements Flow.Subscriber<byte[]> {
    private final List<String> signals = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

    List<String> signals() {
      return signals;
    }

    Flow.Subscription subscription() {
      return subscription.join();
    }

    @Override
    public void onSubscribe(Flow.Subscription to) {
      subscription.complete(to);
      to.request(1);
    }

    @Override
    public void onNext(byte[] part) {
      signals.add(new String(part, StandardCharsets.UTF_8));
    }

    @Override
    public void onError(Throwable thrown) {
      signals.add("failed");
    }

    @Override
    public void onComplete() {
      signals.add("complete");
    }
  }

  /// A subscriber that writes its last part when the test calls [#write].
  private static final class LastPartRecorder extends Recorder implements LastPartSubscriber {
    private final CompletableFuture<Runnable> written = new CompletableFuture<>();

    @Override
    public void onLast(byte[] part, Runnable onWritten) {
      signals().add("last " + new String(part, StandardCharsets.UTF_8));
      written.complete(onWritten);
    }

    void write() {
      written.join().run();
    }
  }

  /// Records the reports of a relay.
  private static final class RecordingListener implements StreamRelay.Listener {
    final List<Optional<CallFailure>> sourceEnds = new CopyOnWriteArrayList<>();
    final List<Optional<CallFailure>> streamEnds = new CopyOnWriteArrayList<>();
    volatile Runnable onStreamEnd = () -> {};
    volatile CompletableFuture<Void> ready = CompletableFuture.completedFuture(null);
    final AtomicInteger contents = new AtomicInteger();

    @Override
    public CallFailure toFailure(ProviderErrorException error) {
      return FailureClassifier.truncated();
    }

    @Override
    public CallFailure toFailure(UpstreamException error) {
      return FailureClassifier.truncated();
    }

    @Override
    public byte[] toEvent(CallFailure failure) {
      return ErrorEvent.of(failure.toException(1));
    }

    @Override
    public CompletableFuture<Void> beforeEnd() {
      return ready;
    }

    @Override
    public void onBytes(int count) {}

    @Override
    public void onContent() {
      contents.incrementAndGet();
    }

    @Override
    public void onSourceEnd(Optional<CallFailure> failure) {
      sourceEnds.add(failure);
    }

    @Override
    public void onStreamEnd(Optional<CallFailure> failure) {
      onStreamEnd.run();
      streamEnds.add(failure);
    }
  }

  /// Returns each part unchanged. A part in parentheses is not content.
  private static class Echo implements StreamReader {
    private boolean content;

    @Override
    public byte[] read(byte[] part) {
      content |= part.length > 0 && part[0] != '(';
      return part;
    }

    @Override
    public Optional<ProviderErrorException> error() {
      return Optional.empty();
    }

    @Override
    public boolean isDone() {
      return false;
    }

    @Override
    public byte[] finish() {
      return bytes("[DONE]");
    }

    @Override
    public boolean isComplete() {
      return true;
    }

    @Override
    public boolean hasContent() {
      return content;
    }

    @Override
    public TokenUsage usage() {
      return TokenUsage.NONE;
    }

    @Override
    public Optional<FinishReason> finishReason() {
      return Optional.empty();
    }
  }

  /// A reader that never reaches the end of the stream.
  private static final class IncompleteEcho extends Echo {
    @Override
    public byte[] finish() {
      return new byte[0];
    }

    @Override
    public boolean isComplete() {
      return false;
    }
  }
}
