package dev.agentlab.modelclient;

import static dev.agentlab.modelclient.TestRelays.ANSWER;
import static dev.agentlab.modelclient.TestRelays.DONE;
import static dev.agentlab.modelclient.TestRelays.FINISH;
import static dev.agentlab.modelclient.TestRelays.FIRST;
import static dev.agentlab.modelclient.TestRelays.KEY;
import static dev.agentlab.modelclient.TestRelays.LONG;
import static dev.agentlab.modelclient.TestRelays.POLICY;
import static dev.agentlab.modelclient.TestRelays.chat;
import static dev.agentlab.modelclient.TestRelays.closing;
import static dev.agentlab.modelclient.TestRelays.endless;
import static dev.agentlab.modelclient.TestRelays.target;
import static dev.agentlab.modelclient.TestRelays.write;
import static dev.agentlab.upstream.FakeUpstream.events;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.modelclient.ModelCallException.Kind;
import dev.agentlab.upstream.FakeUpstream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Verifies streams from the first event to the end.
class RelayStreamTest {
  private final TestRelays relays = new TestRelays();

  @AfterEach
  void stop() throws TimeoutException {
    relays.close();
  }

  @Test
  void aStreamKeepsItsBytes() throws Exception {
    String odd = FIRST.replace("data: ", "data:") + ": comment\n\n" + FINISH + DONE;
    try (FakeUpstream upstream = FakeUpstream.answering(closing(events() + odd))) {
      StreamSubscriber caller = relays.stream(upstream, POLICY);

      assertThat(caller.all()).isEqualTo(odd);
    }
  }

  @Test
  void aFinishedStreamWithoutDoneGetsOne() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering(closing(events() + FIRST + FINISH))) {
      assertThat(relays.stream(upstream, POLICY).all()).isEqualTo(FIRST + FINISH + DONE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Text/Event-Stream; charset=utf-8", "text/plain", "application/x-ndjson"})
  void aStreamIsOneWhateverItCallsItself(String type) throws Exception {
    String head = events().replace("text/event-stream", type);
    try (FakeUpstream upstream = FakeUpstream.answering(closing(head + FIRST + FINISH + DONE))) {
      assertThat(relays.stream(upstream, POLICY).all()).isEqualTo(FIRST + FINISH + DONE);
    }
  }

  @Test
  void aWebPageIsNoStream() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.answering(
            closing(FakeUpstream.response("200 OK", "text/html", "<html>Sign in</html>")))) {
      assertThat(relays.streamFailure(upstream, POLICY))
          .hasMessage("the provider reported an error: the response is not an event stream");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"data: [DONE]\n\n", "data: [[[[\n\n", "data: [[[[\n\ndata: [DONE]\n\n"})
  void streamWithoutAnAnswerIsAnError(String stream) throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering(closing(events() + stream))) {
      assertThat(relays.streamFailure(upstream, POLICY))
          .hasMessageContaining("the provider reported an error: ");
    }
  }

  @Test
  void streamThatTurnsIntoSomethingElseEndsInAnErrorEvent() throws Exception {
    String damaged = "data: [[[[\n\n";
    try (FakeUpstream upstream =
        FakeUpstream.answering(closing(events() + FIRST + damaged + FINISH + DONE))) {
      assertThat(relays.stream(upstream, POLICY).all())
          .startsWith(FIRST + "event: error\n")
          .doesNotContain("[[", "DONE", FINISH);
    }
  }

  @Test
  void aCompressedAnswerIsNamedAsSuch() throws Exception {
    String head = events().replace("\r\n\r\n", "\r\nContent-Encoding: gzip\r\n\r\n");
    try (FakeUpstream upstream = FakeUpstream.answering(closing(head + FIRST))) {
      assertThat(relays.streamFailure(upstream, POLICY))
          .hasMessageContaining("has a Content-Encoding, which was not requested");
      assertThat(relays.failure(upstream, POLICY)).hasMessageContaining("Content-Encoding");
      assertThat(upstream.request().header("Accept-Encoding")).contains("identity");
    }
  }

  @Test
  void aWholeAnswerIsToldAsAStream() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering(closing(FakeUpstream.json(ANSWER)))) {
      ModelStream stream =
          relays.relay().stream(target(upstream, POLICY), chat(true), relays.context);

      assertThat(new StreamSubscriber(stream.events()).all())
          .isEqualTo(
              """
              data: {"id":"c1","odd":1.50,"object":"chat.completion.chunk","choices":[{"index":0,\
              "finish_reason":null,"delta":{"role":"assistant","content":"Hi"}}]}

              data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,\
              "delta":{},"finish_reason":"stop"}]}

              data: [DONE]

              """);
      assertThat(stream.warnings())
          .containsExactly("The provider returned a non-streaming response instead of a stream.");
    }
  }

  @Test
  void aWholeAnswerThatIsNoneIsAnError() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.answering(closing(FakeUpstream.json("{\"error\": \"no such model\"}")))) {
      assertThat(relays.streamFailure(upstream, POLICY))
          .hasMessage("the provider reported an error: no such model");
    }
  }

  @Test
  void doneEndsAStreamWhoseBodyStaysOpen() throws Exception {
    String count = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n";
    try (FakeUpstream upstream =
        FakeUpstream.answering(
            (_, out) -> write(out, events() + FIRST + FINISH + count + DONE + FIRST))) {
      assertThat(relays.stream(upstream, POLICY).all()).isEqualTo(FIRST + FINISH + count + DONE);
      assertThat(upstream.disconnect()).as("the connection is closed").isEqualTo(1);
    }
  }

  @Test
  void aConnectionIsUsedAgainWhoseBodyEndsALittleAfterDone() throws Exception {
    String head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
    String first = FINISH + DONE;
    String chunk = "%x\r\n%s\r\n".formatted(first.length(), first);
    CompletableFuture<Void> received = new CompletableFuture<>();
    try (FakeUpstream upstream =
        FakeUpstream.answering((request, out) -> {
          write(out, head + "Transfer-Encoding: chunked\r\n\r\n" + chunk);
          if (!received.isDone()) {
            received.orTimeout(10, TimeUnit.SECONDS).join();
          }
          write(out, "0\r\n\r\n");
        })) {
      assertThat(relays.stream(upstream, POLICY).all()).isEqualTo(first);
      received.complete(null);
      FakeUpstream.pause(Duration.ofMillis(200));
      assertThat(relays.stream(upstream, POLICY).all()).isEqualTo(first);
      assertThat(upstream.request().connection()).isEqualTo(1);
      assertThat(upstream.request().connection()).isEqualTo(1);
    }
  }

  @Test
  void aTruncatedStreamEndsInAnErrorEventAndNeverInDone() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.answering(closing(events() + FIRST + "data: {\"choices\":[{\"ind"))) {
      String all = relays.stream(upstream, POLICY).all();

      assertThat(all)
          .startsWith(FIRST + "event: error\ndata: {\"error\":{")
          .contains("before the response was complete", "\"code\":\"broken\"")
          .doesNotContain("[DONE]");
    }
  }

  @Test
  void aConnectionCutInTheMiddleEndsInAnErrorEvent() throws Exception {
    String head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 1000\r\n\r\n";
    try (FakeUpstream upstream = FakeUpstream.answering(closing(head + FIRST))) {
      assertThat(relays.stream(upstream, POLICY).all())
          .startsWith(FIRST + "event: error\n")
          .doesNotContain("[DONE]");
    }
  }

  @Test
  void anErrorInTheMiddleReachesTheCallerWithoutTheKey() throws Exception {
    String error =
        "data: {\"error\":{\"message\":\"bad key %s\",\"type\":\"server_error\",\"code\":500}}\n\n"
            .formatted(KEY);
    try (FakeUpstream upstream =
        FakeUpstream.answering(closing(events() + FIRST + error + FINISH + DONE))) {
      assertThat(relays.stream(upstream, POLICY).all())
          .startsWith(FIRST + "event: error\n")
          .contains(
              "bad key ***",
              "\"upstream\":{\"status\":200,\"type\":\"server_error\",\"code\":\"500\"}")
          .doesNotContain(KEY, "[DONE]");
    }
  }

  @Test
  void anErrorBeforeTheFirstEventIsNoStream() throws Exception {
    String error = "data: {\"error\":{\"message\":\"no such model\",\"type\":\"invalid\"}}\n\n";
    try (FakeUpstream upstream = FakeUpstream.answering(closing(events() + error))) {
      ModelCallException failure = relays.streamFailure(upstream, POLICY);

      assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
      assertThat(failure).hasMessage("the provider reported an error: no such model");
      assertThat(failure.attempts()).isEqualTo(1);
    }
  }

  @Test
  void aCallerThatLeavesEndsAStreamBeforeItsFirstEvent() throws Exception {
    try (FakeUpstream silent = FakeUpstream.answering((_, out) -> write(out, events()))) {
      CompletableFuture<ModelCallException> failure =
          CompletableFuture.supplyAsync(() -> relays.streamFailure(silent, POLICY));
      silent.request();
      relays.cancellation.cancel();

      assertThat(failure.get(10, TimeUnit.SECONDS).kind()).isEqualTo(Kind.CANCELLED);
      assertThat(silent.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void aCallerThatLeavesEndsTheStream() throws Exception {
    try (FakeUpstream endless = endless(new AtomicLong())) {
      StreamSubscriber caller = relays.stream(endless, POLICY);
      caller.next();
      caller.cancel();

      assertThat(endless.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void aCallerThatDoesNotTakeHoldsTheProviderBack() throws Exception {
    AtomicLong sent = new AtomicLong();
    try (FakeUpstream endless = endless(sent)) {
      StreamSubscriber caller = relays.stream(endless, POLICY);
      caller.next();
      long before;
      do {
        before = sent.get();
        FakeUpstream.pause(Duration.ofMillis(200));
      } while (sent.get() > before);
      // The size of the socket buffers and of one read.
      assertThat(before).isLessThan(64 << 20);
      caller.next();
      caller.cancel();
    }
  }

  @Test
  void aStreamThatFallsSilentEndsInAnErrorEvent() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering((_, out) -> write(out, events() + FIRST))) {
      ModelClient relay = relays.relay(Duration.ofMillis(200), LONG, LONG);
      StreamSubscriber caller =
          new StreamSubscriber(
              relay.stream(target(upstream, POLICY), chat(true), relays.context).events());

      assertThat(caller.all())
          .startsWith(FIRST + "event: error\n")
          .contains("\"code\":\"timed_out\"");
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void aStreamMayNotGoOnForEver() throws Exception {
    try (FakeUpstream endless =
        FakeUpstream.answering((_, out) -> {
          write(out, events());
          while (true) {
            write(out, FIRST);
            FakeUpstream.pause(Duration.ofMillis(20));
          }
        })) {
      ModelClient relay = relays.relay(LONG, Duration.ofMillis(400), LONG);
      StreamSubscriber caller =
          new StreamSubscriber(
              relay.stream(target(endless, POLICY), chat(true), relays.context).events());

      assertThat(caller.all()).startsWith(FIRST).contains("event: error\n");
    }
  }

  @Test
  void aSlowBeginningIsToldToTheCallerBeforeItComes() throws Exception {
    CompletableFuture<Void> received = new CompletableFuture<>();
    try (FakeUpstream upstream =
        FakeUpstream.answering((_, out) -> {
          write(out, events());
          received.orTimeout(10, TimeUnit.SECONDS).join();
          write(out, "data: {\"error\":{\"message\":\"too late\"}}\n\n");
        })) {
      ModelClient relay = relays.relay(LONG, LONG, Duration.ofMillis(50));
      StreamSubscriber caller =
          new StreamSubscriber(
              relay.stream(target(upstream, POLICY), chat(true), relays.context).events());
      received.complete(null);

      assertThat(caller.all()).startsWith("event: error\n").contains("too late");
    }
  }
}
