package dev.agentlab.modelclient;

import static dev.agentlab.modelclient.TestModelClients.COMPLETION;
import static dev.agentlab.modelclient.TestModelClients.KEY;
import static dev.agentlab.modelclient.TestModelClients.NO_RETRIES;
import static dev.agentlab.modelclient.TestModelClients.POLICY;
import static dev.agentlab.modelclient.TestModelClients.REQUEST;
import static dev.agentlab.modelclient.TestModelClients.THREE_RETRIES;
import static dev.agentlab.modelclient.TestModelClients.TIMEOUT;
import static dev.agentlab.modelclient.TestModelClients.target;
import static dev.agentlab.modelclient.TestModelClients.write;
import static dev.agentlab.testing.FakeUpstream.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.modelclient.ModelCallException.Kind;
import dev.agentlab.testing.FakeUpstream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Verifies non-streaming responses and their connections.
class ModelClientTest {
  private final TestModelClients clients = new TestModelClients();

  @AfterEach
  void stop() throws TimeoutException {
    clients.close();
  }

  @Test
  void nonStreamingResponseKeepsItsBytes() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(json(COMPLETION))) {
      ModelResponse response = clients.complete(clients.createClient(), target(upstream, POLICY));

      assertThat(new String(response.json(), StandardCharsets.UTF_8)).isEqualTo(COMPLETION);
      assertThat(response.attempts()).isEqualTo(1);
      FakeUpstream.Request request = upstream.request();
      assertThat(request.requestLine()).isEqualTo("POST /v1/chat/completions HTTP/1.1");
      assertThat(request.header("Content-Type")).contains("application/json");
      assertThat(request.header("Authorization")).contains("Bearer " + KEY);
      assertThat(request.body()).isEqualTo(new String(REQUEST, StandardCharsets.UTF_8));
    }
  }

  @Test
  void responseLargerThanMemoryIsNotParsed() throws Exception {
    String many = "{\"choices\": [], \"usage\": [" + "{},".repeat(50_000) + "{}]}";
    try (FakeUpstream hostile = FakeUpstream.start(json(many))) {
      for (int i = 0; i < 3; i++) {
        ModelCallException failure = clients.failure(hostile, NO_RETRIES);

        assertThat(failure.kind()).isEqualTo(Kind.BROKEN);
        assertThat(failure).hasMessageContaining("the provider's response is too large");
      }
    }
  }

  @Test
  void memoryOfAResponseIsReleased() throws Exception {
    String some = "{\"choices\": [], \"usage\": [" + "{},".repeat(25_000) + "{}]}";
    ModelClient client = clients.createClient();
    try (FakeUpstream upstream = FakeUpstream.start(json(some))) {
      for (int i = 0; i < 3; i++) {
        ModelResponse response = clients.complete(client, target(upstream, POLICY));

        assertThat(response.json()).hasSize(some.length());
      }
    }
  }

  @Test
  void clientDisconnectCancelsACallWithoutResponse() throws Exception {
    try (FakeUpstream silent = FakeUpstream.start((_, _) -> {})) {
      CompletableFuture<ModelCallException> failure =
          CompletableFuture.supplyAsync(() -> clients.failure(silent, POLICY));
      silent.request();
      clients.cancellation.cancel();

      assertThat(failure.get(10, TimeUnit.SECONDS).kind()).isEqualTo(Kind.CANCELLED);
      assertThat(silent.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void unresponsiveProviderTimesOut() throws Exception {
    CallPolicy shortTimeout = new CallPolicy(Duration.ofMillis(200), THREE_RETRIES, 10, TIMEOUT);
    try (FakeUpstream silent = FakeUpstream.start((_, _) -> {})) {
      ModelCallException failure = clients.failure(silent, shortTimeout);

      assertThat(failure.kind()).isEqualTo(Kind.TIMED_OUT);
      assertThat(failure.attempts()).isEqualTo(1);
      assertThat(clients.streamFailure(silent, shortTimeout).kind()).isEqualTo(Kind.TIMED_OUT);
    }
  }

  @Test
  void logOfAForbiddenAddressNamesTheSettingThatAllowsIt() {
    ModelCallException failure =
        clients.failureOf(clients.createClient(), target("http://10.0.0.5:11434", POLICY));

    assertThat(failure.attempts()).isEqualTo(1);
    assertThat(failure)
        .hasMessage("cannot call the provider: the egress policy denies the address");
    assertThat(failure.logMessage())
        .contains("10.0.0.5 is private", "EGRESS_PRIVATE_NETWORKS=10.0.0.5");
  }

  @Test
  void longErrorIsTruncatedAndKeepsItsStatus() throws Exception {
    String error = "{\"error\":[" + "{},".repeat(7 << 20) + "1]}";
    try (FakeUpstream upstream =
        FakeUpstream.start(
            FakeUpstream.response("500 Internal Server Error", "application/json", error))) {
      ModelCallException failure = clients.failure(upstream, NO_RETRIES);

      assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
      assertThat(failure).hasMessageStartingWith("the provider returned status 500: {\"error\":");
      assertThat(failure.getMessage()).hasSizeLessThan(500);
    }
  }

  @Test
  void staleConnectionIsReplacedWithoutARetry() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (FakeUpstream upstream =
        FakeUpstream.start((_, out) -> {
          if (calls.incrementAndGet() == 2) {
            out.close();
          } else {
            write(out, json(COMPLETION));
          }
        })) {
      ModelClient client = clients.createClient();
      CallTarget target = target(upstream, NO_RETRIES);
      clients.complete(client, target);

      assertThat(clients.complete(client, target).attempts()).isEqualTo(1);
      assertThat(calls).hasValue(3);
    }
  }

  @Test
  void policyLimitsKeptConnections() throws Exception {
    CallPolicy one = new CallPolicy(TIMEOUT, THREE_RETRIES, 1, TIMEOUT);
    CompletableFuture<Void> together = new CompletableFuture<>();
    AtomicInteger calls = new AtomicInteger();
    try (FakeUpstream upstream =
        FakeUpstream.start((_, out) -> {
          if (calls.incrementAndGet() == 2) {
            together.complete(null);
          }
          together.orTimeout(10, TimeUnit.SECONDS).join();
          write(out, json(COMPLETION));
        })) {
      ModelClient client = clients.createClient();
      CallTarget target = target(upstream, one);
      List<CompletableFuture<ModelResponse>> both =
          java.util.stream.Stream.of(1, 2)
              .map(_ -> CompletableFuture.supplyAsync(() -> clients.complete(client, target)))
              .toList();
      for (CompletableFuture<ModelResponse> response : both) {
        response.get(10, TimeUnit.SECONDS);
      }

      List<String> connections =
          java.util.stream.Stream.of(upstream.request(), upstream.request())
              .map(request -> request.header("Connection").orElse("keep-alive"))
              .sorted()
              .toList();
      assertThat(connections).containsExactly("close", "keep-alive");
    }
  }

  @Test
  void invalidResponseIsRejected() throws Exception {
    for (String body : List.of("<html>", "{}", "[1]", "{\"choices\":", "")) {
      try (FakeUpstream upstream = FakeUpstream.start(json(body))) {
        assertThat(clients.failure(upstream, NO_RETRIES).kind()).isEqualTo(Kind.REFUSED);
        assertThat(clients.streamFailure(upstream, NO_RETRIES).kind()).isEqualTo(Kind.REFUSED);
      }
    }
  }
}
