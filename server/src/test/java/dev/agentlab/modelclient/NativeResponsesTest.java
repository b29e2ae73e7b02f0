package dev.agentlab.modelclient;

import static dev.agentlab.modelclient.TestModelClients.KEY;
import static dev.agentlab.modelclient.TestModelClients.NO_RETRIES;
import static dev.agentlab.modelclient.TestModelClients.POLICY;
import static dev.agentlab.modelclient.TestModelClients.SOURCE;
import static dev.agentlab.modelclient.TestModelClients.closeAfter;
import static dev.agentlab.modelclient.TestModelClients.write;
import static dev.agentlab.testing.FakeUpstream.events;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.dialects.AnsweredResponse;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.dialects.StreamPosition;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// OpenAI's Responses API on bytes: what reaches a provider that has it, and what returns.
class NativeResponsesTest {
  private static final String REQUEST =
      "{ \"model\":\"gpt-x\", \"input\":[ {\"role\":\"user\",\"content\":\"Hi\"} ],\n \"odd\": 1.50 }";
  private static final String STREAM = REQUEST.replace("\"odd\"", "\"stream\":true, \"odd\"");

  private static final String RESPONSE =
      """
      { "id":"resp_1", "object":"response", "status":"completed", "error":null, "big":9007199254740993,
        "output":[ {"type":"function_call","call_id":"call_1"} ],
        "usage":{"input_tokens":19,"output_tokens":10,"total_tokens":29} }
      """;

  private static final String CREATED =
      """
      event: response.created
      data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1"}}

      event: response.in_progress
      data: {"type":"response.in_progress","sequence_number":1,"response":{"id":"resp_1"}}

      """;

  private static final String DELTA =
      """
      event: response.output_text.delta
      data: {"type":"response.output_text.delta","sequence_number":2,"delta":"Hi~", "odd": 1.50}

      """
          .replace('~', '\u2028');

  private static final String COMPLETED =
      """
      event: response.completed
      data: {"type":"response.completed","sequence_number":3,"response":{"id":"resp_1","status":"completed",\
      "output":[],"usage":{"input_tokens":5,"output_tokens":2,"total_tokens":7}}}

      """;

  private static final String FAILED =
      """
      {"type":"response.failed","sequence_number":2,"response":{"id":"resp_1","status":"failed",\
      "error":{"code":"rate_limit_exceeded","message":"Please try again in 1.5s."}}}\
      """;

  private final TestModelClients clients = new TestModelClients();
  private final List<AnsweredResponse> kept = new CopyOnWriteArrayList<>();
  private final List<StreamPosition> positions = new CopyOnWriteArrayList<>();
  private final CallContext context =
      new CallContext(
          clients.loops.current(),
          SOURCE,
          clients.cancellation,
          clients.endedCalls::add,
          (failure, position) -> {
            positions.add(position);
            return failure
                .upstream()
                .flatMap(ProviderError::original)
                .map(ProviderError.Original::body)
                .orElseGet(() -> "broken".getBytes(UTF_8));
          },
          (response, _) -> {
            kept.add(response);
            return CompletableFuture.allOf();
          });

  @AfterEach
  void stop() throws TimeoutException {
    clients.close();
  }

  private static CallTarget target(FakeUpstream upstream, CallPolicy policy) {
    ProviderKinds kinds = ProviderKinds.standard();
    String config =
        "{\"name\": \"openai\", \"base_url\": \"%s\", \"options\": {\"api_key\": \"%s\"}}"
            .formatted(upstream.url("/v1"), KEY);
    return new CallTarget(
        "openai",
        "it",
        kinds.build(kinds.parse(ProviderJson.MAPPER.readTree(config))),
        "gpt-x",
        policy);
  }

  private static ModelRequest request(String body) {
    return ModelRequest.parse(Operation.RESPONSES, body.getBytes(UTF_8))
        .withVendorHeaders(Map.of("openai-beta", "x=1", "x-codex-turn-state", "state"));
  }

  private ModelResponse complete(FakeUpstream upstream) {
    return Await.result(
        clients
            .createClient()
            .complete(CallPlan.of(target(upstream, POLICY)), request(REQUEST), context));
  }

  private ModelStream stream(FakeUpstream upstream, CallPolicy policy) {
    return Await.result(
        clients.createClient().stream(
            CallPlan.of(target(upstream, policy)), request(STREAM), context));
  }

  private String readStream(FakeUpstream upstream) throws Exception {
    return new StreamSubscriber(stream(upstream, NO_RETRIES).events()).readAll();
  }

  @Test
  void bytesAndHeaderFieldsPassBothWays() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.start(
            closeAfter(
                FakeUpstream.json(RESPONSE)
                    .replace("\r\n\r\n", "\r\nx-codex-turn-state: next\r\n\r\n")))) {
      ModelResponse response = complete(upstream);

      assertThat(new String(response.json(), UTF_8)).isEqualTo(RESPONSE);
      assertThat(response.headers()).containsEntry("x-codex-turn-state", "next");
      FakeUpstream.Request sent = upstream.request();
      assertThat(sent.requestLine()).isEqualTo("POST /v1/responses HTTP/1.1");
      assertThat(sent.body()).isEqualTo(REQUEST);
      assertThat(sent.header("openai-beta")).contains("x=1");
      assertThat(sent.header("x-codex-turn-state")).contains("state");
      assertThat(sent.header("authorization")).contains("Bearer " + KEY);
      CallRecord call = clients.awaitEnded();
      assertThat(call.usage().output()).isEqualTo(10);
      assertThat(call.finishReason()).contains(FinishReason.TOOL_CALLS);
    }
  }

  @Test
  void streamPassesAndItsIdIsKept() throws Exception {
    String crlf = (CREATED + DELTA).replace("\n", "\r\n");
    try (FakeUpstream upstream = FakeUpstream.start(closeAfter(events() + crlf + COMPLETED))) {
      assertThat(readStream(upstream)).isEqualTo(crlf + COMPLETED);

      assertThat(upstream.request().body()).isEqualTo(STREAM);
      assertThat(kept).extracting(AnsweredResponse::id).containsExactly("resp_1");
      assertThat(clients.awaitEnded().usage().output()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 40, 200})
  void truncatedStreamEndsWithTheEventOfTheGateway(int missing) throws Exception {
    String cut = CREATED + DELTA + COMPLETED.substring(0, COMPLETED.length() - 2 - missing);
    try (FakeUpstream upstream = FakeUpstream.start(closeAfter(events() + cut))) {
      assertThat(readStream(upstream)).isEqualTo(CREATED + DELTA + "broken");

      assertThat(positions).containsExactly(new StreamPosition(Optional.of("resp_1"), 3));
      assertThat(kept).hasSize(1);
    }
  }

  @Test
  void failureInAStreamPassesAsItIs() throws Exception {
    String failed = "event: response.failed\ndata: " + FAILED + "\n\n";
    try (FakeUpstream upstream =
        FakeUpstream.start(closeAfter(events() + CREATED + DELTA + failed))) {
      assertThat(readStream(upstream)).isEqualTo(CREATED + DELTA + FAILED);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "rate_limit_exceeded, 2",
    "server_is_overloaded, 2",
    "slow_down, 2",
    "context_length_exceeded, 1",
    "invalid_prompt, 1"
  })
  void failureBeforeContentIsRetriedIfItMayPass(String code, int attempts) throws Exception {
    String failed =
        "event: response.failed\ndata: " + FAILED.replace("rate_limit_exceeded", code) + "\n\n";
    AtomicInteger calls = new AtomicInteger();
    try (FakeUpstream upstream =
        FakeUpstream.start((_, out) -> {
          write(
              out,
              events() + CREATED + (calls.incrementAndGet() == 1 ? failed : DELTA + COMPLETED));
          out.close();
        })) {
      if (attempts == 1) {
        ModelCallException failure =
            catchThrowableOfType(ModelCallException.class, () -> stream(upstream, POLICY));
        assertThat(failure.upstream().orElseThrow().code()).contains(code);
        assertThat(failure).hasMessageContaining("Please try again in 1.5s.");
      } else {
        assertThat(new StreamSubscriber(stream(upstream, POLICY).events()).readAll())
            .isEqualTo(CREATED + DELTA + COMPLETED);
      }
      assertThat(calls).hasValue(attempts);
    }
  }

  @Test
  void errorOfTheProviderKeepsItsBytes() throws Exception {
    String error = "{ \"error\": {\"message\":\"no\", \"code\":\"context_length_exceeded\"} }";
    try (FakeUpstream upstream =
        FakeUpstream.start(
            closeAfter(FakeUpstream.response("400 Bad Request", "application/json", error)))) {
      List<ModelCallException> failures = new ArrayList<>();
      failures.add(catchThrowableOfType(ModelCallException.class, () -> complete(upstream)));
      failures.add(
          catchThrowableOfType(ModelCallException.class, () -> stream(upstream, NO_RETRIES)));

      assertThat(failures)
          .allSatisfy(failure ->
              assertThat(
                      failure
                          .upstream()
                          .flatMap(ProviderError::original)
                          .map(it -> new String(it.body(), UTF_8)))
                  .contains(error));
    }
  }

  @Test
  void completeResponseIsNoStream() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(closeAfter(FakeUpstream.json(RESPONSE)))) {
      assertThat(catchThrowableOfType(ModelCallException.class, () -> stream(upstream, NO_RETRIES)))
          .hasMessage("the provider reported an error: the response is not an event stream");
    }
  }
}
