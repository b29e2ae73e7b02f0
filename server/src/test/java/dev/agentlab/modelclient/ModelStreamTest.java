package dev.agentlab.modelclient;

import static dev.agentlab.modelclient.TestModelClients.COMPLETION;
import static dev.agentlab.modelclient.TestModelClients.DONE;
import static dev.agentlab.modelclient.TestModelClients.FINISH;
import static dev.agentlab.modelclient.TestModelClients.FIRST;
import static dev.agentlab.modelclient.TestModelClients.KEY;
import static dev.agentlab.modelclient.TestModelClients.POLICY;
import static dev.agentlab.modelclient.TestModelClients.TIMEOUT;
import static dev.agentlab.modelclient.TestModelClients.closeAfter;
import static dev.agentlab.modelclient.TestModelClients.endlessStream;
import static dev.agentlab.modelclient.TestModelClients.target;
import static dev.agentlab.modelclient.TestModelClients.write;
import static dev.agentlab.testing.FakeUpstream.events;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.modelclient.ModelCallException.Kind;
import dev.agentlab.testing.FakeUpstream;
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
class ModelStreamTest {
  private final TestModelClients clients = new TestModelClients();

  @AfterEach
  void stop() throws TimeoutException {
    clients.close();
  }

  @Test
  void streamKeepsItsBytes() throws Exception {
    String odd = FIRST.replace("data: ", "data:") + ": comment\n\n" + FINISH + DONE;
    try (FakeUpstream upstream = FakeUpstream.start(closeAfter(events() + odd))) {
      StreamSubscriber caller = clients.stream(upstream, POLICY);

      assertThat(caller.readAll()).isEqualTo(odd);
    }
  }

  @Test
  void finishedStreamWithoutDoneIsTerminatedWithDone() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(closeAfter(events() + FIRST + FINISH))) {
      assertThat(clients.stream(upstream, POLICY).readAll()).isEqualTo(FIRST + FINISH + DONE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Text/Event-Stream; charset=utf-8", "text/plain", "application/x-ndjson"})
  void streamIsAcceptedWithOtherContentTypes(String type) throws Exception {
    String head = events().replace("text/event-stream", type);
    try (FakeUpstream upstream = FakeUpstream.start(closeAfter(head + FIRST + FINISH + DONE))) {
      assertThat(clients.stream(upstream, POLICY).readAll()).isEqualTo(FIRST + FINISH + DONE);
    }
  }

  @Test
  void htmlPageIsNotAStream() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.start(
            closeAfter(FakeUpstream.response("200 OK", "text/html", "<html>Sign in</html>")))) {
      assertThat(clients.streamFailure(upstream, POLICY))
          .hasMessage("the provider reported an error: the response is not an event stream");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"data: [DONE]\n\n", "data: [[[[\n\n", "data: [[[[\n\ndata: [DONE]\n\n"})
  void streamWithoutContentIsAnError(String stream) throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(closeAfter(events() + stream))) {
      assertThat(clients.streamFailure(upstream, POLICY))
          .hasMessageContaining("the provider reported an error: ");
    }
  }

  @Test
  void malformedEventEndsTheStreamWithAnErrorEvent() throws Exception {
    String damaged = "data: [[[[\n\n";
    try (FakeUpstream upstream =
        FakeUpstream.start(closeAfter(events() + FIRST + damaged + FINISH + DONE))) {
      assertThat(clients.stream(upstream, POLICY).readAll())
          .startsWith(FIRST + "event: error\n")
          .doesNotContain("[[", "DONE", FINISH);
    }
  }

  @Test
  void compressedResponseIsReported() throws Exception {
    String head = events().replace("\r\n\r\n", "\r\nContent-Encoding: gzip\r\n\r\n");
    try (FakeUpstream upstream = FakeUpstream.start(closeAfter(head + FIRST))) {
      assertThat(clients.streamFailure(upstream, POLICY))
          .hasMessageContaining("has a Content-Encoding, which was not requested");
      assertThat(clients.failure(upstream, POLICY)).hasMessageContaining("Content-Encoding");
      assertThat(upstream.request().header("Accept-Encoding")).contains("identity");
    }
  }

  @Test
  void nonStreamingResponseIsConvertedToAStream() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(closeAfter(FakeUpstream.json(COMPLETION)))) {
      ModelStream stream =
          clients.stream(clients.createClient(new ManualClock()), target(upstream, POLICY));

      String start =
          "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":%d,\"model\":\"m\",\"choices\":["
              .formatted(ManualClock.START.getEpochSecond());
      assertThat(new StreamSubscriber(stream.events()).readAll())
          .isEqualTo(
              """
              START{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}]}

              START{"index":0,"delta":{},"finish_reason":"stop"}]}

              START],"odd":1.50}

              data: [DONE]

              """
                  .replace("START", start));
      assertThat(stream.warnings())
          .containsExactly("The provider returned a non-streaming response instead of a stream.");
    }
  }

  @Test
  void invalidNonStreamingResponseIsAnError() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.start(closeAfter(FakeUpstream.json("{\"error\": \"no such model\"}")))) {
      assertThat(clients.streamFailure(upstream, POLICY))
          .hasMessage("the provider reported an error: no such model");
    }
  }

  @Test
  void doneEndsAStreamWithAnOpenBody() throws Exception {
    String count = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n";
    try (FakeUpstream upstream =
        FakeUpstream.start(
            (_, out) -> write(out, events() + FIRST + FINISH + count + DONE + FIRST))) {
      assertThat(clients.stream(upstream, POLICY).readAll())
          .isEqualTo(FIRST + FINISH + count + DONE);
      assertThat(upstream.disconnect()).as("the connection is closed").isEqualTo(1);
    }
  }

  @Test
  void connectionIsReusedIfBodyEndsSoonAfterDone() throws Exception {
    String head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
    String first = FINISH + DONE;
    String chunk = "%x\r\n%s\r\n".formatted(first.length(), first);
    CompletableFuture<Void> received = new CompletableFuture<>();
    try (FakeUpstream upstream =
        FakeUpstream.start((request, out) -> {
          write(out, head + "Transfer-Encoding: chunked\r\n\r\n" + chunk);
          if (!received.isDone()) {
            received.orTimeout(10, TimeUnit.SECONDS).join();
          }
          write(out, "0\r\n\r\n");
        })) {
      assertThat(clients.stream(upstream, POLICY).readAll()).isEqualTo(first);
      received.complete(null);
      FakeUpstream.pause(Duration.ofMillis(200));
      assertThat(clients.stream(upstream, POLICY).readAll()).isEqualTo(first);
      assertThat(upstream.request().connection()).isEqualTo(1);
      assertThat(upstream.request().connection()).isEqualTo(1);
    }
  }

  @Test
  void truncatedStreamEndsWithAnErrorEvent() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.start(closeAfter(events() + FIRST + "data: {\"choices\":[{\"ind"))) {
      String all = clients.stream(upstream, POLICY).readAll();

      assertThat(all)
          .startsWith(FIRST + "event: error\ndata: {\"error\":{")
          .contains("before the response was complete", "\"code\":\"broken\"")
          .doesNotContain("[DONE]");
    }
  }

  @Test
  void closedConnectionEndsTheStreamWithAnErrorEvent() throws Exception {
    String head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 1000\r\n\r\n";
    try (FakeUpstream upstream = FakeUpstream.start(closeAfter(head + FIRST))) {
      assertThat(clients.stream(upstream, POLICY).readAll())
          .startsWith(FIRST + "event: error\n")
          .doesNotContain("[DONE]");
    }
  }

  @Test
  void errorDuringStreamIsReportedWithoutTheKey() throws Exception {
    String error =
        "data: {\"error\":{\"message\":\"bad key %s\",\"type\":\"server_error\",\"code\":500}}\n\n"
            .formatted(KEY);
    try (FakeUpstream upstream =
        FakeUpstream.start(closeAfter(events() + FIRST + error + FINISH + DONE))) {
      assertThat(clients.stream(upstream, POLICY).readAll())
          .startsWith(FIRST + "event: error\n")
          .contains(
              "bad key ***",
              "\"upstream\":{\"status\":200,\"type\":\"server_error\",\"code\":\"500\"}")
          .doesNotContain(KEY, "[DONE]");
    }
  }

  @Test
  void errorBeforeFirstEventFailsTheCall() throws Exception {
    String error = "data: {\"error\":{\"message\":\"no such model\",\"type\":\"invalid\"}}\n\n";
    try (FakeUpstream upstream = FakeUpstream.start(closeAfter(events() + error))) {
      ModelCallException failure = clients.streamFailure(upstream, POLICY);

      assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
      assertThat(failure).hasMessage("the provider reported an error: no such model");
      assertThat(failure.attempts()).isEqualTo(1);
    }
  }

  @Test
  void clientDisconnectCancelsAStreamBeforeItsFirstEvent() throws Exception {
    try (FakeUpstream silent = FakeUpstream.start((_, out) -> write(out, events()))) {
      CompletableFuture<ModelCallException> failure =
          CompletableFuture.supplyAsync(() -> clients.streamFailure(silent, POLICY));
      silent.request();
      clients.cancellation.cancel();

      assertThat(failure.get(10, TimeUnit.SECONDS).kind()).isEqualTo(Kind.CANCELLED);
      assertThat(silent.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void clientDisconnectCancelsTheStream() throws Exception {
    try (FakeUpstream endless = endlessStream(new AtomicLong())) {
      StreamSubscriber caller = clients.stream(endless, POLICY);
      caller.readNext();
      caller.cancel();

      assertThat(endless.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void slowCallerAppliesBackPressureToTheProvider() throws Exception {
    AtomicLong sent = new AtomicLong();
    try (FakeUpstream endless = endlessStream(sent)) {
      StreamSubscriber caller = clients.stream(endless, POLICY);
      caller.readNext();
      long before;
      do {
        before = sent.get();
        FakeUpstream.pause(Duration.ofMillis(200));
      } while (sent.get() > before);
      // The size of the socket buffers and of one read.
      assertThat(before).isLessThan(64 << 20);
      caller.readNext();
      caller.cancel();
    }
  }

  @Test
  void idleStreamEndsWithAnErrorEvent() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start((_, out) -> write(out, events() + FIRST))) {
      ModelClient client = clients.createClient(Duration.ofMillis(200), TIMEOUT, TIMEOUT);
      StreamSubscriber caller = clients.subscribe(client, target(upstream, POLICY));

      assertThat(caller.readAll())
          .startsWith(FIRST + "event: error\n")
          .contains("\"code\":\"timed_out\"");
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void endlessStreamEndsWithAnErrorEvent() throws Exception {
    try (FakeUpstream endless =
        FakeUpstream.start((_, out) -> {
          write(out, events());
          while (true) {
            write(out, FIRST);
            FakeUpstream.pause(Duration.ofMillis(20));
          }
        })) {
      ModelClient client = clients.createClient(TIMEOUT, Duration.ofMillis(400), TIMEOUT);
      StreamSubscriber caller = clients.subscribe(client, target(endless, POLICY));

      assertThat(caller.readAll()).startsWith(FIRST).contains("event: error\n");
    }
  }

  @Test
  void streamIsReturnedBeforeASlowFirstEvent() throws Exception {
    CompletableFuture<Void> received = new CompletableFuture<>();
    try (FakeUpstream upstream =
        FakeUpstream.start((_, out) -> {
          write(out, events());
          received.orTimeout(10, TimeUnit.SECONDS).join();
          write(out, "data: {\"error\":{\"message\":\"too late\"}}\n\n");
        })) {
      ModelClient client = clients.createClient(TIMEOUT, TIMEOUT, Duration.ofMillis(50));
      StreamSubscriber caller = clients.subscribe(client, target(upstream, POLICY));
      received.complete(null);

      assertThat(caller.readAll()).startsWith("event: error\n").contains("too late");
    }
  }
}
