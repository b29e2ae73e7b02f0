package dev.agentlab.modelclient;

import static dev.agentlab.modelclient.TestRelays.DONE;
import static dev.agentlab.modelclient.TestRelays.FINISH;
import static dev.agentlab.modelclient.TestRelays.FIRST;
import static dev.agentlab.modelclient.TestRelays.ONCE;
import static dev.agentlab.modelclient.TestRelays.chat;
import static dev.agentlab.modelclient.TestRelays.target;
import static dev.agentlab.modelclient.TestRelays.write;
import static dev.agentlab.upstream.FakeUpstream.events;
import static dev.agentlab.upstream.FakeUpstream.response;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.modelclient.ModelCallException.Kind;
import dev.agentlab.upstream.FakeUpstream;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Verifies streams that are trial calls of a circuit breaker, and streams that started before a
/// trial.
class StreamTrialTest {
  private static final String REST = FINISH + DONE;

  /// One stream of the caller, and the bytes that the provider sends after the first event. An
  /// empty rest truncates the stream.
  private record Stream(StreamSubscriber caller, CompletableFuture<String> rest) {
    String ending(String bytes) throws Exception {
      rest.complete(bytes);
      return caller.all();
    }
  }

  private final BreakerTime time = new BreakerTime();
  private final TestRelays relays = new TestRelays();

  /// The rest of the next streams; the provider fails if the queue is empty.
  private final Queue<CompletableFuture<String>> next = new ConcurrentLinkedQueue<>();

  private final FakeUpstream upstream =
      FakeUpstream.answering((_, out) -> {
        CompletableFuture<String> rest = next.poll();
        if (rest == null) {
          write(out, response("500 No", "text/plain", "broken"));
        } else {
          write(out, events() + FIRST);
          write(out, rest.orTimeout(10, TimeUnit.SECONDS).join());
          out.close();
        }
      });

  private final ModelClient relay = relays.relay(time);

  @AfterEach
  void stop() throws Exception {
    upstream.close();
    relays.close();
  }

  @Test
  void trialStreamClosesWhenItIsWhole() throws Exception {
    open();
    Stream trial = stream();
    assertThat(failure().kind()).as("after the first event").isEqualTo(Kind.SUSPENDED);

    assertThat(trial.ending(REST)).endsWith(REST);
    assertThat(failure().kind()).isEqualTo(Kind.REFUSED);
  }

  @Test
  void trialStreamThatBreaksOpensAgain() throws Exception {
    open();

    assertThat(stream().ending("")).contains("event: error");
    ModelCallException failure = failure();
    assertThat(failure.retryAfter()).contains(Duration.ofSeconds(10));
    assertThat(failure)
        .hasMessage(
            "provider circuit breaker is open since 2026-01-31T14:05:09Z until"
                + " 2026-01-31T14:05:24Z; last cause: the provider ended the stream before the"
                + " response was complete");
  }

  @Test
  void cancelledTrialStreamGivesWayToTheNextCall() throws Exception {
    open();
    stream().caller().cancel();

    assertThat(failure().kind()).isEqualTo(Kind.REFUSED);
  }

  @Test
  void olderStreamsThatEndDuringATrialDoNotEndIt() throws Exception {
    Stream complete = stream();
    Stream truncated = stream();
    Stream cancelled = stream();
    open();
    Stream trial = stream();
    cancelled.caller().cancel();
    assertThat(failure().kind()).isEqualTo(Kind.SUSPENDED);
    assertThat(complete.ending(REST)).endsWith(REST);
    assertThat(failure().kind()).isEqualTo(Kind.SUSPENDED);
    assertThat(truncated.ending("")).contains("event: error");
    assertThat(failure().kind()).isEqualTo(Kind.SUSPENDED);

    assertThat(trial.ending(REST)).endsWith(REST);
    assertThat(failure().kind()).isEqualTo(Kind.REFUSED);
  }

  private Stream stream() throws Exception {
    CompletableFuture<String> rest = new CompletableFuture<>();
    next.add(rest);
    StreamSubscriber caller =
        new StreamSubscriber(
            relay.stream(target(upstream, ONCE), chat(true), relays.context).events());
    assertThat(caller.next()).isEqualTo(FIRST);
    return new Stream(caller, rest);
  }

  private ModelCallException failure() {
    return relays.relayFailure(relay, target(upstream, ONCE));
  }

  private void open() {
    for (int i = 0; i < 10; i++) {
      assertThat(failure().kind()).isEqualTo(Kind.REFUSED);
    }
    assertThat(failure().kind()).isEqualTo(Kind.SUSPENDED);
    time.pass(Duration.ofSeconds(5));
  }
}
