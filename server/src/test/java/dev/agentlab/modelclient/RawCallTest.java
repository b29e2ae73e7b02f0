package dev.agentlab.modelclient;

import static dev.agentlab.modelclient.TestModelClients.KEY;
import static dev.agentlab.modelclient.TestModelClients.closeAfter;
import static dev.agentlab.modelclient.TestModelClients.target;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.dialects.Operation;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.upstream.UpstreamRequest.Body;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Raw requests: each reports one record, and its outcome to the circuit breaker.
class RawCallTest {
  private static final String HALF = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";

  private final TestModelClients clients = new TestModelClients();
  private final ModelClient client = clients.createClient();

  @AfterEach
  void stop() throws Exception {
    clients.close();
  }

  private CompletableFuture<RawResponse> start(FakeUpstream upstream, Body body) {
    return start(client, upstream, body);
  }

  private CompletableFuture<RawResponse> start(
      ModelClient client, FakeUpstream upstream, Body body) {
    RawRequest request = new RawRequest("POST", upstream.url("/any"), Map.of("x-any", "1"), body);
    return client.forward(
        CallPlan.of(target(upstream, CallPolicy.CLIENT_RETRIES)),
        Operation.PROXY,
        _ -> request,
        clients.context);
  }

  private RawResponse send(FakeUpstream upstream) {
    return Await.result(start(upstream, Body.NONE));
  }

  private static StreamSubscriber read(RawResponse response) {
    return new StreamSubscriber(((RawResponse.Content.Stream) response.content()).parts());
  }

  private CallRecord requireOneRecord(String outcome) throws Exception {
    CallRecord call = clients.awaitEnded();
    assertThat(call.outcome()).isEqualTo(outcome);
    assertThat(call.operation()).isEqualTo(Operation.PROXY);
    assertThat(clients.endedCalls).isEmpty();
    return call;
  }

  @Test
  void completeResponseIsASuccess() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.start(FakeUpstream.response("201 Made", "text/plain", "grüße"))) {
      RawResponse response = Await.result(start(upstream, new Body.Bytes("abc".getBytes(UTF_8))));
      assertThat(clients.endedCalls).isEmpty();
      assertThat(response.status()).isEqualTo(201);
      assertThat(((RawResponse.Content.Stream) response.content()).length()).hasValue(7);
      assertThat(read(response).readAll()).isEqualTo("grüße");
      CallRecord call = requireOneRecord("success");
      assertThat(call.requestBytes()).isEqualTo(3);
      assertThat(call.responseBytes()).isEqualTo(7);
      assertThat(call.attempts()).hasSize(1);
      FakeUpstream.Request request = upstream.request();
      assertThat(request.header("X-Any")).contains("1");
      assertThat(request.header("Authorization")).contains("Bearer " + KEY);
    }
  }

  @Test
  void errorIsRefusedAndPassesWithoutSecrets() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.start(FakeUpstream.response("401 No", "text/plain", "bad key " + KEY))) {
      RawResponse response = send(upstream);
      assertThat(response.status()).isEqualTo(401);
      assertThat(((RawResponse.Content.Complete) response.content()).bytes())
          .asString(UTF_8)
          .isEqualTo("bad key ***");
      requireOneRecord("refused");
    }
  }

  @ParameterizedTest
  @CsvSource({"65000, false", "66000, true"})
  void largeErrorIsReadOnAnotherThread(int size, boolean isOffloaded) throws Exception {
    AtomicBoolean readOnVirtualThread = new AtomicBoolean();
    InstantSource clock =
        () -> {
          readOnVirtualThread.set(Thread.currentThread().isVirtual());
          return Instant.EPOCH;
        };
    String error = "{\"error\":{\"message\":\"%s\"}}".formatted("x".repeat(size));
    try (FakeUpstream upstream =
        FakeUpstream.start(FakeUpstream.response("400 No", "application/json", error))) {
      RawResponse response = Await.result(start(clients.createClient(clock), upstream, Body.NONE));
      assertThat(((RawResponse.Content.Complete) response.content()).bytes())
          .asString(UTF_8)
          .isEqualTo(error);
      assertThat(readOnVirtualThread.get()).isEqualTo(isOffloaded);
      requireOneRecord("refused");
    }
  }

  @Test
  void rateLimitIsObservedUntilItsReset() throws Exception {
    String limited = "HTTP/1.1 429 No\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n";
    try (FakeUpstream upstream = FakeUpstream.start(limited)) {
      assertThat(send(upstream).status()).isEqualTo(429);
      requireOneRecord("refused");
      ModelCallException failure =
          catchThrowableOfType(ModelCallException.class, () -> send(upstream));
      assertThat(failure.retryAfter()).isPresent();
      requireOneRecord("refused");
      upstream.request();
      assertThat(upstream.isIdle()).isTrue();
    }
  }

  @Test
  void serverErrorsOpenTheCircuitBreaker() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.start(FakeUpstream.response("500 Oh", "text/plain", ""))) {
      for (int i = 0; i < 10; i++) {
        assertThat(send(upstream).status()).isEqualTo(500);
        requireOneRecord("refused");
      }
      ModelCallException failure =
          catchThrowableOfType(ModelCallException.class, () -> send(upstream));
      assertThat(failure.kind()).isEqualTo(ModelCallException.Kind.SUSPENDED);
      requireOneRecord("suspended");
    }
  }

  @Test
  void truncatedResponsesOpenTheCircuitBreaker() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(closeAfter(HALF))) {
      for (int i = 0; i < 10; i++) {
        assertThat(read(send(upstream)).readNext()).isEqualTo("half");
        // The subscriber requests no more, and the end needs no request.
        requireOneRecord("broken");
      }
      assertThat(catchThrowableOfType(ModelCallException.class, () -> send(upstream)).kind())
          .isEqualTo(ModelCallException.Kind.SUSPENDED);
    }
  }

  @Test
  void clientErrorsAndClientsThatLeaveDoNotCount() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.start((request, out) ->
            TestModelClients.write(
                out,
                request.connection() % 2 == 0
                    ? FakeUpstream.response("404 No", "text/plain", "")
                    : HALF))) {
      for (int i = 0; i < 24; i++) {
        RawResponse response = send(upstream);
        if (response.status() == 200) {
          StreamSubscriber reader = read(response);
          assertThat(reader.readNext()).isEqualTo("half");
          reader.cancel();
        }
        assertThat(clients.awaitEnded().outcome()).isIn("refused", "cancelled");
      }
    }
  }

  @Test
  void cancelledDownloadEndsTheCall() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.start((_, out) -> TestModelClients.write(out, HALF))) {
      StreamSubscriber reader = read(send(upstream));
      assertThat(reader.readNext()).isEqualTo("half");
      reader.cancel();
      requireOneRecord("cancelled");
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void cancellationBeforeTheResponseEndsTheCall() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start((_, _) -> {})) {
      CompletableFuture<RawResponse> result = start(upstream, Body.NONE);
      upstream.request();
      clients.cancellation.cancel();
      assertThat(catchThrowableOfType(ModelCallException.class, () -> Await.result(result)).kind())
          .isEqualTo(ModelCallException.Kind.CANCELLED);
      requireOneRecord("cancelled");
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void cancellationDuringAnErrorEndsTheCall() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.start(
            (_, out) -> TestModelClients.write(out, HALF.replace("200 OK", "404 No")))) {
      CompletableFuture<RawResponse> result = start(upstream, Body.NONE);
      upstream.request();
      Thread.sleep(100);
      clients.cancellation.cancel();
      assertThat(catchThrowableOfType(ModelCallException.class, () -> Await.result(result)).kind())
          .isEqualTo(ModelCallException.Kind.CANCELLED);
      requireOneRecord("cancelled");
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void failedUploadIsCancelled() throws Exception {
    Flow.Publisher<byte[]> failing =
        to -> {
          to.onSubscribe(
              new Flow.Subscription() {
                @Override
                public void request(long parts) {}

                @Override
                public void cancel() {}
              });
          to.onError(new IllegalStateException("gone"));
        };
    try (FakeUpstream upstream = FakeUpstream.start((_, _) -> {})) {
      CompletableFuture<RawResponse> result =
          start(upstream, new Body.Stream(OptionalLong.empty(), failing));
      assertThat(catchThrowableOfType(ModelCallException.class, () -> Await.result(result)).kind())
          .isEqualTo(ModelCallException.Kind.CANCELLED);
      requireOneRecord("cancelled");
    }
  }
}
