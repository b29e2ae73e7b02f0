package dev.agentlab.modelclient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.dialects.ProviderErrorException;
import dev.agentlab.dialects.StreamReader;
import dev.agentlab.eventloop.LastPartSubscriber;
import dev.agentlab.memory.MemoryBudget;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class StreamRelayTest {
  private final Source source = new Source();
  private final CompletableFuture<Optional<CallFailure>> sourceEnd = new CompletableFuture<>();
  private final CompletableFuture<Optional<CallFailure>> streamEnd = new CompletableFuture<>();

  @Test
  void relayRequestsOnlyWhatTheCallerRequests() throws Exception {
    StreamRelay relay = createRelay(new Echo());
    source.subscribe(relay);
    assertThat(source.requested).hasValue(1);

    relay.onNext(bytes("a"));
    StreamSubscriber caller = new StreamSubscriber(relay);
    assertThat(caller.readNext()).isEqualTo("a");
    assertThat(source.requested).hasValue(1);
    relay.onNext(new byte[0]);
    assertThat(source.requested).as("a part without an event is not counted").hasValue(2);
  }

  @Test
  void queuedEventsAreEmittedBeforeTheEnd() throws Exception {
    StreamRelay relay = createRelay(new Echo());
    source.subscribe(relay);
    relay.onNext(bytes("a"));
    relay.onComplete();

    assertThat(new StreamSubscriber(relay).readAll()).isEqualTo("a[DONE]");
    assertThat(streamEnd).isCompletedWithValue(Optional.empty());
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
    source.subscribe(relay);
    relay.onNext(bytes("a[DONE]"));
    relay.onNext(bytes("b"));

    assertThat(new StreamSubscriber(relay).readAll()).isEqualTo("a[DONE]");
    assertThat(streamEnd).isCompletedWithValue(Optional.empty());
    assertThat(source.cancelled).isCompleted();
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
                return part;
              }
            });
    source.subscribe(relay);
    relay.onNext(bytes("a"));
    StreamSubscriber caller = new StreamSubscriber(relay);
    assertThat(caller.readNext()).isEqualTo("a");
    relay.onNext(bytes("bb"));

    assertThat(caller.readAll()).isEqualTo("<the provider's stream could not be read>");
    assertThat(source.cancelled).isCompleted();
  }

  @Test
  void failedAttemptIgnoresLaterSignals() {
    StreamRelay relay =
        createRelay(
            new Echo() {
              @Override
              public byte[] finish() {
                return new byte[0];
              }

              @Override
              public boolean isComplete() {
                return false;
              }
            });
    source.subscribe(relay);
    relay.onComplete();
    relay.onError(new IllegalStateException("late"));
    relay.cancel();

    assertThat(relay.started().join()).contains(CallFailure.truncated());
    assertThat(sourceEnd).isNotDone();
    assertThat(streamEnd).isNotDone();
  }

  @Test
  void endIsReportedBeforeItIsEmitted() {
    List<String> order = new ArrayList<>();
    Recorder caller = new Recorder(order);
    StreamRelay relay =
        createRelay(
            new Echo(),
            _ -> {
              // Simulates a concurrent request of the subscriber.
              caller.subscription().request(1);
              order.add("reported");
            });
    source.subscribe(relay);
    relay.onNext(bytes("a"));
    relay.subscribe(caller);
    relay.onComplete();

    assertThat(order).containsExactly("a", "reported", "[DONE]", "complete");
  }

  @Test
  void endIsReportedWhenTheLastEventIsWritten() {
    LastPartRecorder caller = new LastPartRecorder(new ArrayList<>());
    StreamRelay relay = createRelay(new Echo());
    source.subscribe(relay);
    relay.onNext(bytes("a"));
    relay.subscribe(caller);
    relay.onComplete();

    assertThat(caller.signals()).containsExactly("a", "last [DONE]");
    assertThat(sourceEnd).isCompletedWithValue(Optional.empty());
    assertThat(streamEnd).isNotDone();
    caller.write();
    relay.cancel();
    assertThat(streamEnd).isCompletedWithValue(Optional.empty());
  }

  @Test
  void disconnectBeforeLastEventIsWrittenCancels() {
    LastPartRecorder caller = new LastPartRecorder(new ArrayList<>());
    StreamRelay relay = createRelay(new Echo());
    source.subscribe(relay);
    relay.onNext(bytes("a"));
    relay.subscribe(caller);
    relay.onComplete();
    relay.cancel();
    caller.write();

    assertThat(sourceEnd).isCompletedWithValue(Optional.empty());
    assertThat(streamEnd.join()).contains(CallFailure.cancelled());
  }

  @Test
  void disconnectWithQueuedEventsCancels() {
    StreamRelay relay = createRelay(new Echo());
    source.subscribe(relay);
    relay.onNext(bytes("a"));
    relay.onComplete();
    relay.cancel();

    assertThat(sourceEnd).isCompletedWithValue(Optional.empty());
    assertThat(streamEnd.join()).contains(CallFailure.cancelled());
  }

  @Test
  void streamCancelledBeforeSubscriptionCancelsItsSource() {
    StreamRelay relay = createRelay(new Echo());
    relay.cancel();
    source.subscribe(relay);

    assertThat(source.cancelled).isCompleted();
    assertThat(source.requested).hasValue(0);
  }

  private StreamRelay createRelay(StreamReader reader) {
    return createRelay(reader, streamEnd::complete);
  }

  private StreamRelay createRelay(StreamReader reader, Consumer<Optional<CallFailure>> reported) {
    return new StreamRelay(
        reader,
        new MemoryBudget(64 << 20).open(),
        new StreamRelay.StreamListener(
            _ -> CallFailure.truncated(),
            _ -> CallFailure.truncated(),
            failure -> bytes("<" + failure.message() + ">"),
            () -> {},
            sourceEnd::complete,
            reported));
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
    private final List<String> signals;
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

    Recorder(List<String> order) {
      this.signals = order;
    }

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

    LastPartRecorder(List<String> order) {
      super(order);
    }

    @Override
    public void onLast(byte[] part, Runnable onWritten) {
      signals().add("last " + new String(part, StandardCharsets.UTF_8));
      written.complete(onWritten);
    }

    void write() {
      written.join().run();
    }
  }

  /// Returns each part unchanged.
  private static class Echo implements StreamReader {
    @Override
    public byte[] read(byte[] part) {
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
      return false;
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
}
