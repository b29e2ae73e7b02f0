package dev.agentlab.modelclient;

import static org.assertj.core.api.Assertions.assertThat;

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
import tools.jackson.databind.JsonNode;

class StreamRelayTest {
  private final Source source = new Source();
  private final CompletableFuture<Optional<CallFailure>> providerEnded = new CompletableFuture<>();
  private final CompletableFuture<Optional<CallFailure>> ended = new CompletableFuture<>();

  @Test
  void nothingIsAskedForThatTheCallerDoesNotAskFor() throws Exception {
    StreamRelay relay = relay(new Echo());
    source.subscribe(relay);
    assertThat(source.asked).hasValue(1);

    relay.onNext(bytes("a"));
    StreamSubscriber caller = new StreamSubscriber(relay);
    assertThat(caller.next()).isEqualTo("a");
    assertThat(source.asked).hasValue(1);
    relay.onNext(new byte[0]);
    assertThat(source.asked).as("a part without an event is not counted").hasValue(2);
  }

  @Test
  void whatIsHeldComesBeforeTheEnd() throws Exception {
    StreamRelay relay = relay(new Echo());
    source.subscribe(relay);
    relay.onNext(bytes("a"));
    relay.onComplete();

    assertThat(new StreamSubscriber(relay).all()).isEqualTo("a[DONE]");
    assertThat(ended).isCompletedWithValue(Optional.empty());
  }

  @Test
  void nothingComesAfterDone() throws Exception {
    StreamRelay relay =
        relay(
            new Echo() {
              @Override
              public boolean isDone() {
                return true;
              }
            });
    source.subscribe(relay);
    relay.onNext(bytes("a[DONE]"));
    relay.onNext(bytes("b"));

    assertThat(new StreamSubscriber(relay).all()).isEqualTo("a[DONE]");
    assertThat(ended).isCompletedWithValue(Optional.empty());
    assertThat(source.cancelled).isCompleted();
  }

  @Test
  void aReaderThatBreaksDoesNotLeaveTheCallerWaiting() throws Exception {
    StreamRelay relay =
        relay(
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
    assertThat(caller.next()).isEqualTo("a");
    relay.onNext(bytes("bb"));

    assertThat(caller.all()).isEqualTo("<the provider's stream could not be read>");
    assertThat(source.cancelled).isCompleted();
  }

  @Test
  void attemptThatFailedBeforeItsFirstEventEndsNothingLater() {
    StreamRelay relay =
        relay(
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

    assertThat(relay.begun().join()).contains(CallFailure.cutOff());
    assertThat(providerEnded).isNotDone();
    assertThat(ended).isNotDone();
  }

  @Test
  void endIsReportedBeforeTheCallerHasIt() {
    List<String> order = new ArrayList<>();
    Recorder caller = new Recorder(order);
    StreamRelay relay =
        relay(
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
    StreamRelay relay = relay(new Echo());
    source.subscribe(relay);
    relay.onNext(bytes("a"));
    relay.subscribe(caller);
    relay.onComplete();

    assertThat(caller.order()).containsExactly("a", "last [DONE]");
    assertThat(providerEnded).isCompletedWithValue(Optional.empty());
    assertThat(ended).isNotDone();
    caller.write();
    relay.cancel();
    assertThat(ended).isCompletedWithValue(Optional.empty());
  }

  @Test
  void callerWhoLeavesBeforeTheLastEventIsWrittenCancels() {
    LastPartRecorder caller = new LastPartRecorder(new ArrayList<>());
    StreamRelay relay = relay(new Echo());
    source.subscribe(relay);
    relay.onNext(bytes("a"));
    relay.subscribe(caller);
    relay.onComplete();
    relay.cancel();
    caller.write();

    assertThat(providerEnded).isCompletedWithValue(Optional.empty());
    assertThat(ended.join()).contains(CallFailure.cancelled());
  }

  @Test
  void callerWhoLeavesWhileEventsWaitCancels() {
    StreamRelay relay = relay(new Echo());
    source.subscribe(relay);
    relay.onNext(bytes("a"));
    relay.onComplete();
    relay.cancel();

    assertThat(providerEnded).isCompletedWithValue(Optional.empty());
    assertThat(ended.join()).contains(CallFailure.cancelled());
  }

  @Test
  void aStreamCancelledBeforeItsSourceCameCancelsTheSource() {
    StreamRelay relay = relay(new Echo());
    relay.cancel();
    source.subscribe(relay);

    assertThat(source.cancelled).isCompleted();
    assertThat(source.asked).hasValue(0);
  }

  private StreamRelay relay(StreamReader reader) {
    return relay(reader, ended::complete);
  }

  private StreamRelay relay(StreamReader reader, Consumer<Optional<CallFailure>> reported) {
    return new StreamRelay(
        reader,
        new MemoryBudget(64 << 20).open(),
        new StreamRelay.Voice(
            _ -> CallFailure.cutOff(),
            _ -> CallFailure.cutOff(),
            failure -> bytes("<" + failure.message() + ">"),
            () -> {},
            providerEnded::complete,
            reported));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static final class Source implements Flow.Publisher<byte[]>, Flow.Subscription {
    final AtomicLong asked = new AtomicLong();
    final CompletableFuture<Void> cancelled = new CompletableFuture<>();

    @Override
    public void subscribe(Flow.Subscriber<? super byte[]> to) {
      to.onSubscribe(this);
    }

    @Override
    public void request(long parts) {
      asked.addAndGet(parts);
    }

    @Override
    public void cancel() {
      cancelled.complete(null);
    }
  }

  /// A subscriber that requests one part and records its signals.
  private static class Recorder implements Flow.Subscriber<byte[]> {
    private final List<String> order;
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

    Recorder(List<String> order) {
      this.order = order;
    }

    List<String> order() {
      return order;
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
      order.add(new String(part, StandardCharsets.UTF_8));
    }

    @Override
    public void onError(Throwable thrown) {
      order.add("failed");
    }

    @Override
    public void onComplete() {
      order.add("complete");
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
      order().add("last " + new String(part, StandardCharsets.UTF_8));
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
    public Optional<JsonNode> usage() {
      return Optional.empty();
    }
  }
}
