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

/// Streams as the trial calls of a circuit breaker, and streams from before one.
class StreamTrialTest {
  private static final String REST = FINISH + DONE;

  /// One stream as the caller reads it, and what the provider sends after the first event: nothing
  /// more breaks it.
  private record Stream(StreamSubscriber caller, CompletableFuture<String> rest) {
    String ending(String with) throws Exception {
      rest.complete(with);
      return caller.all();
    }
  }

  private final BreakerTime time = new BreakerTime();
  private final TestRelays relays = new TestRelays();

  /// The rest of the stream that is asked for next; if there is none, the provider fails.
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
    ModelCallException refused = failure();
    assertThat(refused.retryAfter()).contains(Duration.ofSeconds(10));
    assertThat(refused)
        .hasMessage(
            "provider circuit breaker is open since 2026-01-31T14:05:09Z until"
                + " 2026-01-31T14:05:24Z; last cause: the provider ended the stream before the"
                + " answer was whole");
  }

  @Test
  void cancelledTrialStreamGivesWayToTheNextCall() throws Exception {
    open();
    stream().caller().cancel();

    assertThat(failure().kind()).isEqualTo(Kind.REFUSED);
  }

  @Test
  void olderStreamsThatEndDuringATrialDoNotEndIt() throws Exception {
    Stream whole = stream();
    Stream broken = stream();
    Stream cancelled = stream();
    open();
    Stream trial = stream();
    cancelled.caller().cancel();
    assertThat(failure().kind()).isEqualTo(Kind.SUSPENDED);
    assertThat(whole.ending(REST)).endsWith(REST);
    assertThat(failure().kind()).isEqualTo(Kind.SUSPENDED);
    assertThat(broken.ending("")).contains("event: error");
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
