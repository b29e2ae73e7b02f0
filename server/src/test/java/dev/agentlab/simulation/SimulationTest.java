package dev.agentlab.simulation;

import static dev.agentlab.simulation.SimulatedClient.LIMITS;
import static dev.agentlab.simulation.SimulatedClient.LONG;
import static dev.agentlab.simulation.SimulatedClient.request;
import static dev.agentlab.simulation.SimulatedClient.user;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.OpenAi;
import dev.agentlab.dialects.Operation;
import dev.agentlab.dialects.StreamReader;
import dev.agentlab.json.Json;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.testing.Await;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamException.Kind;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.upstream.UpstreamResponse;
import dev.agentlab.upstream.UpstreamStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Timing, streams and failures of a simulated provider.
class SimulationTest {
  private static final String HELLO = user("Hello there");
  private static final String STREAMED = request(HELLO, "\"stream\": true");

  @Test
  void equalRequestsGetEqualResponses() {
    SimulatedClient simulated = SimulatedClient.with();
    ObjectNode first = (ObjectNode) simulated.chat(HELLO);
    ObjectNode second = (ObjectNode) SimulatedClient.with("\"latency\": \"1ms\"").chat(HELLO);

    assertThat(first.without("created")).isEqualTo(second.without("created"));
    assertThat(first.at("/choices/0/message/content").stringValue()).contains("Hello there");
    assertThat(first.path("id")).isNotEqualTo(simulated.chat(user("Other")).path("id"));
  }

  @Test
  void streamIsCompleteAndEqualsNonStreamingContent() {
    SimulatedClient simulated = SimulatedClient.with();
    byte[] bytes = PartSubscriber.all(simulated.open(STREAMED).body()).bytes();
    StreamReader reader = reader();

    String relayed = new String(reader.read(bytes), UTF_8);

    assertThat(reader.isComplete()).isTrue();
    assertThat(reader.error()).isEmpty();
    assertThat(reader.usage()).isEqualTo(TokenUsage.NONE);
    assertThat(relayed).endsWith("data: [DONE]\n\n").isEqualTo(new String(bytes, UTF_8));
    assertThat(content(relayed)).isEqualTo(simulated.content(HELLO));
  }

  @Test
  void usageIsSentLastAndOnlyIfRequested() {
    SimulatedClient simulated = SimulatedClient.with();
    String asking =
        request(HELLO, "\"stream\": true", "\"stream_options\": {\"include_usage\": true}");
    List<JsonNode> chunks = chunks(text(PartSubscriber.all(simulated.open(asking).body())));

    assertThat(chunks.getLast().path("choices")).isEmpty();
    assertThat(chunks.getLast().path("usage")).isEqualTo(simulated.chat(HELLO).path("usage"));
    assertThat(chunks.subList(0, chunks.size() - 1))
        .allSatisfy(chunk -> assertThat(chunk.path("usage").isNull()).isTrue());
    assertThat(chunks(text(PartSubscriber.all(simulated.open(STREAMED).body()))))
        .noneMatch(chunk -> chunk.has("usage"));
  }

  @Test
  void bufferedStreamHasTheSameEvents() {
    SimulatedClient simulated = SimulatedClient.with();
    UpstreamResponse whole = simulated.send("chat/completions", STREAMED);

    assertThat(whole.header("Content-Type")).contains("text/event-stream");
    assertThat(content(whole.text())).isEqualTo(simulated.content(HELLO));
  }

  @Test
  void truncatedStreamBreaksOffAfterGivenTokens() {
    SimulatedClient simulated = SimulatedClient.with("\"truncate_after\": 2");
    PartSubscriber received = PartSubscriber.all(simulated.open(STREAMED).body());
    byte[] bytes = received.bytes();
    StreamReader reader = reader();
    reader.read(bytes);
    reader.finish();

    assertThat(reader.isComplete()).isFalse();
    assertThat(chunks(new String(bytes, UTF_8))).hasSize(3);
    assertThat(kind(received)).isEqualTo(Kind.TRUNCATED);
    assertThat(simulated.content(HELLO)).contains("Hello there");
  }

  @ParameterizedTest
  @CsvSource({"0.25, 500, 4 8 12", "0.5, 503, 2 4 6 8 10 12", "0, 500, ''", "0.3, 429, 4 7 10"})
  void errorRateIsExactAndEvenlySpread(String rate, int status, String failed) {
    SimulatedClient simulated =
        SimulatedClient.with("\"error_rate\": " + rate, "\"error_status\": " + status);
    List<String> failures = new ArrayList<>();
    for (int call = 1; call <= 12; call++) {
      UpstreamResponse response = simulated.send("chat/completions", request(HELLO));
      if (response.status() != 200) {
        assertThat(response.status()).isEqualTo(status);
        assertThat(Json.MAPPER.readTree(response.text()).at("/error/message").stringValue())
            .contains("error_rate");
        failures.add(Integer.toString(call));
      }
    }

    assertThat(String.join(" ", failures)).isEqualTo(failed);
  }

  @Test
  void rateLimitedCallsGetRetryAfter() {
    SimulatedClient simulated = SimulatedClient.with("\"rate_limit\": 2");
    assertThat(simulated.send("chat/completions", request(HELLO)).status()).isEqualTo(200);
    assertThat(simulated.send("embeddings", "{\"model\": \"m\", \"input\": \"x\"}").status())
        .isEqualTo(200);

    UpstreamResponse over = simulated.send("chat/completions", request(HELLO));

    assertThat(over.status()).isEqualTo(429);
    assertThat(Integer.parseInt(over.header("Retry-After").orElseThrow())).isBetween(1, 60);
    assertThat(simulated.start(STREAMED, LIMITS))
        .isInstanceOfSatisfying(
            UpstreamResponse.class, it -> assertThat(it.status()).isEqualTo(429));
  }

  @Test
  void cancellationEndsWaitForResponse() throws Exception {
    SimulatedClient simulated = SimulatedClient.with("\"latency\": \"1h\"");
    Cancellation cancellation = new Cancellation();
    CompletableFuture<Object> answer = new CompletableFuture<>();
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              try {
                answer.complete(
                    simulated
                        .transport()
                        .send(
                            simulated.post("chat/completions", request(HELLO)),
                            longLimits(),
                            cancellation));
              } catch (RuntimeException e) {
                answer.complete(e);
              }
            });
    assertThat(answer).isNotDone();

    cancellation.cancel();

    assertThat(answer.get(20, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            UpstreamException.class, it -> assertThat(it.kind()).isEqualTo(Kind.CANCELLED));
    caller.join();
  }

  @Test
  void cancellationEndsAStartedCall() {
    SimulatedClient simulated = SimulatedClient.with("\"latency\": \"1h\"");
    Cancellation cancellation = new Cancellation();
    CompletableFuture<Transport.Result> result =
        simulated
            .transport()
            .start(
                SimulatedClient.LOOP,
                simulated.post("chat/completions", request(HELLO)),
                longLimits(),
                cancellation);
    cancellation.cancel();

    assertThat(failure(() -> Await.result(result))).isEqualTo(Kind.CANCELLED);
  }

  @Test
  void startedCallHasTheResponseOfASentOne() {
    SimulatedClient simulated = SimulatedClient.with("\"latency\": \"5ms\"");
    CompletableFuture<Boolean> onLoop = new CompletableFuture<>();
    CompletableFuture<Transport.Result> result = new CompletableFuture<>();
    SimulatedClient.LOOP.execute(() -> {
      var _ =
          simulated
              .transport()
              .start(
                  SimulatedClient.LOOP,
                  simulated.post("chat/completions", request(HELLO)),
                  longLimits(),
                  new Cancellation())
              .thenAccept(response -> {
                onLoop.complete(SimulatedClient.LOOP.isCurrent());
                result.complete(response);
              });
    });

    UpstreamResponse started = (UpstreamResponse) Await.result(result);
    assertThat(Await.result(onLoop)).isTrue();
    assertThat(Json.MAPPER.readTree(started.text()).at("/choices/0/message/content").stringValue())
        .isEqualTo(simulated.content(HELLO));
    assertThat(started.timings().response()).isGreaterThanOrEqualTo(Duration.ofMillis(5));
  }

  @Test
  void interruptEndsWaitForResponse() throws Exception {
    SimulatedClient simulated = SimulatedClient.with("\"latency\": \"1h\"");
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              UpstreamException failure =
                  catchThrowableOfType(
                      UpstreamException.class,
                      () ->
                          simulated
                              .transport()
                              .send(
                                  simulated.post("chat/completions", request(HELLO)),
                                  longLimits(),
                                  new Cancellation()));
              interrupted.complete(
                  failure.kind() == Kind.CANCELLED && Thread.currentThread().isInterrupted());
            });

    caller.interrupt();

    assertThat(interrupted.get(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void streamIsOpenAndCancellableBeforeFirstByte() {
    UpstreamStream stream =
        SimulatedClient.with("\"latency\": \"1h\"").open(STREAMED, longLimits());
    PartSubscriber received = PartSubscriber.all(stream.body());

    received.subscription().cancel();

    assertThat(stream.status()).isEqualTo(200);
    assertThat(received.pendingCount()).isZero();
    assertThat(received.end()).isNotDone();
  }

  @Test
  void streamRespectsSubscriberDemand() throws Exception {
    SimulatedClient simulated = SimulatedClient.with();
    PartSubscriber slow = PartSubscriber.of(simulated.open(STREAMED).body(), 1);
    slow.next();
    // Another stream completes meanwhile, so this one had enough time.
    PartSubscriber.all(simulated.open(STREAMED).body()).bytes();
    assertThat(slow.pendingCount()).isZero();

    slow.subscription().request(2);
    slow.next();
    slow.next();
    PartSubscriber.all(simulated.open(STREAMED).body()).bytes();
    assertThat(slow.pendingCount()).isZero();

    slow.subscription().request(Long.MAX_VALUE);
    assertThat(new String(slow.bytes(), UTF_8)).endsWith("[DONE]\n\n");
  }

  @Test
  void cancelledSubscriberReceivesNothing() throws Exception {
    SimulatedClient simulated = SimulatedClient.with();
    PartSubscriber left = PartSubscriber.of(simulated.open(STREAMED).body(), 1);
    left.next();

    left.subscription().cancel();
    left.subscription().request(Long.MAX_VALUE);
    PartSubscriber.all(simulated.open(STREAMED).body()).bytes();

    assertThat(left.pendingCount()).isZero();
    assertThat(left.end()).isNotDone();
  }

  @Test
  void secondSubscriberIsRejected() {
    UpstreamStream stream = SimulatedClient.with().open(STREAMED);
    PartSubscriber.all(stream.body()).bytes();

    assertThatIllegalStateException()
        .isThrownBy(() ->
            Await.result(
                CompletableFuture.runAsync(
                    () -> stream.body().subscribe(new PartSubscriber(1)), SimulatedClient.LOOP)));
  }

  @Test
  void callLimitsAreEnforced() {
    Duration brief = Duration.ofMillis(20);
    UpstreamLimits first = new UpstreamLimits(LONG, LONG, brief, LONG, LONG, 1_000);
    UpstreamLimits idle = new UpstreamLimits(LONG, LONG, LONG, brief, LONG, 1_000);
    UpstreamLimits total = new UpstreamLimits(LONG, LONG, LONG, LONG, brief, 1_000);
    UpstreamLimits size = new UpstreamLimits(LONG, LONG, LONG, LONG, LONG, 10);
    SimulatedClient late = SimulatedClient.with("\"latency\": \"1h\"");
    SimulatedClient slow = SimulatedClient.with("\"time_per_token\": \"1h\"");

    assertThat(kind(PartSubscriber.all(late.open(STREAMED, first).body()))).isEqualTo(Kind.TIMEOUT);
    assertThat(kind(PartSubscriber.all(slow.open(STREAMED, idle).body()))).isEqualTo(Kind.TIMEOUT);
    assertThat(kind(PartSubscriber.of(slow.open(STREAMED, total).body(), 0)))
        .isEqualTo(Kind.TIMEOUT);
    assertThat(failure(() -> send(slow, total))).isEqualTo(Kind.TIMEOUT);
    assertThat(failure(() -> send(SimulatedClient.with(), size))).isEqualTo(Kind.TOO_LARGE);
  }

  @Test
  void timePerTokenDelaysResponse() {
    SimulatedClient simulated =
        SimulatedClient.with(
            "\"time_per_token\": \"5ms\"", "\"latency\": \"30ms\"", "\"reply\": \"a b c\"");
    UpstreamResponse whole = simulated.send("chat/completions", request(HELLO));
    long began = System.nanoTime();
    String streamed = text(PartSubscriber.all(simulated.open(STREAMED).body()));

    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .isGreaterThanOrEqualTo(Duration.ofMillis(45));
    assertThat(whole.timings().response()).isGreaterThanOrEqualTo(Duration.ofMillis(45));
    assertThat(content(streamed)).isEqualTo("a b c");
  }

  private static void send(SimulatedClient simulated, UpstreamLimits limits) {
    simulated
        .transport()
        .send(simulated.post("chat/completions", request(HELLO)), limits, new Cancellation());
  }

  private static UpstreamLimits longLimits() {
    Duration hours = Duration.ofHours(9);
    return new UpstreamLimits(hours, hours, hours, hours, hours, 1_000);
  }

  private static StreamReader reader() {
    return OpenAi.withRules()
        .createStreamReader(
            ModelRequest.parse(Operation.CHAT, STREAMED.getBytes(UTF_8)),
            Instant.EPOCH,
            new MemoryBudget(64 << 20).open());
  }

  private static Kind failure(Runnable call) {
    return catchThrowableOfType(UpstreamException.class, call::run).kind();
  }

  private static Kind kind(PartSubscriber received) {
    return received
        .end()
        .handle((_, failure) -> {
          assertThat(failure).isInstanceOf(UpstreamException.class);
          return ((UpstreamException) failure).kind();
        })
        .join();
  }

  private static String text(PartSubscriber received) {
    return new String(received.bytes(), UTF_8);
  }

  private static List<JsonNode> chunks(String events) {
    return events
        .lines()
        .filter(line -> line.startsWith("data: {"))
        .map(line -> Json.MAPPER.readTree(line.substring("data: ".length())))
        .toList();
  }

  private static String content(String events) {
    StringBuilder content = new StringBuilder();
    chunks(events)
        .forEach(chunk -> content.append(chunk.at("/choices/0/delta/content").stringValue("")));
    return content.toString();
  }
}
