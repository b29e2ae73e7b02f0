package dev.agentlab.modelclient;

import static dev.agentlab.modelclient.TestModelClients.DONE;
import static dev.agentlab.modelclient.TestModelClients.FINISH;
import static dev.agentlab.modelclient.TestModelClients.FIRST;
import static dev.agentlab.modelclient.TestModelClients.NO_RETRIES;
import static dev.agentlab.modelclient.TestModelClients.target;
import static dev.agentlab.modelclient.TestModelClients.write;
import static dev.agentlab.testing.FakeUpstream.events;
import static dev.agentlab.testing.FakeUpstream.response;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.modelclient.ModelCallException.Kind;
import dev.agentlab.testing.FakeUpstream;
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
  private static final String LAST_EVENTS = FINISH + DONE;

  /// One stream of the caller, and the bytes that the provider sends after the first event. An
  /// empty rest truncates the stream.
  private record Stream(StreamSubscriber caller, CompletableFuture<String> rest) {
    String finishWith(String bytes) throws Exception {
      rest.complete(bytes);
      return caller.readAll();
    }
  }

  private final ManualClock clock = new ManualClock();
  private final TestModelClients clients = new TestModelClients();

  /// The rest of the next streams; the provider fails if the queue is empty.
  private final Queue<CompletableFuture<String>> nextRests = new ConcurrentLinkedQueue<>();

  private final FakeUpstream upstream =
      FakeUpstream.start((_, out) -> {
        CompletableFuture<String> rest = nextRests.poll();
        if (rest == null) {
          write(out, response("500 No", "text/plain", "broken"));
        } else {
          write(out, events() + FIRST);
          write(out, rest.orTimeout(10, TimeUnit.SECONDS).join());
          out.close();
        }
      });

  private final ModelClient client = clients.createClient(clock);

  @AfterEach
  void stop() throws Exception {
    upstream.close();
    clients.close();
  }

  @Test
  void completeTrialStreamClosesTheBreaker() throws Exception {
    openBreaker();
    Stream trial = stream();
    assertThat(failure().kind()).as("after the first event").isEqualTo(Kind.SUSPENDED);

    assertThat(trial.finishWith(LAST_EVENTS)).endsWith(LAST_EVENTS);
    assertThat(failure().kind()).isEqualTo(Kind.REFUSED);
  }

  @Test
  void truncatedTrialStreamReopensTheBreaker() throws Exception {
    openBreaker();

    assertThat(stream().finishWith("")).contains("event: error");
    ModelCallException failure = failure();
    assertThat(failure.retryAfter()).contains(Duration.ofSeconds(10));
    assertThat(failure)
        .hasMessage(
            "provider circuit breaker is open since 2026-01-31T14:05:09Z until"
                + " 2026-01-31T14:05:24Z; last cause: the provider ended the stream before the"
                + " response was complete");
  }

  @Test
  void cancelledTrialStreamAllowsTheNextCall() throws Exception {
    openBreaker();
    stream().caller().cancel();

    assertThat(failure().kind()).isEqualTo(Kind.REFUSED);
  }

  @Test
  void olderStreamsDoNotEndATrial() throws Exception {
    Stream complete = stream();
    Stream truncated = stream();
    Stream cancelled = stream();
    openBreaker();
    Stream trial = stream();
    cancelled.caller().cancel();
    assertThat(failure().kind()).isEqualTo(Kind.SUSPENDED);
    assertThat(complete.finishWith(LAST_EVENTS)).endsWith(LAST_EVENTS);
    assertThat(failure().kind()).isEqualTo(Kind.SUSPENDED);
    assertThat(truncated.finishWith("")).contains("event: error");
    assertThat(failure().kind()).isEqualTo(Kind.SUSPENDED);

    assertThat(trial.finishWith(LAST_EVENTS)).endsWith(LAST_EVENTS);
    assertThat(failure().kind()).isEqualTo(Kind.REFUSED);
  }

  private Stream stream() throws Exception {
    CompletableFuture<String> rest = new CompletableFuture<>();
    nextRests.add(rest);
    StreamSubscriber caller = clients.subscribe(client, target(upstream, NO_RETRIES));
    assertThat(caller.readNext()).isEqualTo(FIRST);
    return new Stream(caller, rest);
  }

  private ModelCallException failure() {
    return clients.failureOf(client, target(upstream, NO_RETRIES));
  }

  private void openBreaker() {
    for (int i = 0; i < 10; i++) {
      assertThat(failure().kind()).isEqualTo(Kind.REFUSED);
    }
    assertThat(failure().kind()).isEqualTo(Kind.SUSPENDED);
    clock.advance(Duration.ofSeconds(5));
  }
}
