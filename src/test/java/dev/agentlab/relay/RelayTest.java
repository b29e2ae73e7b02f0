package dev.agentlab.relay;

import static dev.agentlab.upstream.FakeUpstream.events;
import static dev.agentlab.upstream.FakeUpstream.json;
import static dev.agentlab.upstream.FakeUpstream.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.llm.ProviderKinds;
import dev.agentlab.relay.RelayException.Kind;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.EgressPolicy;
import dev.agentlab.upstream.FakeUpstream;
import dev.agentlab.upstream.Resolver;
import dev.agentlab.upstream.UpstreamClient;
import dev.agentlab.wire.ModelRequest;
import dev.agentlab.wire.Operation;
import dev.agentlab.wire.WireJson;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RelayTest {
  private static final String ANSWER =
      """
      {"id":"c1", "choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},\
      "finish_reason":"stop"}], "odd":1.50, "usage":{"prompt_tokens":1}}\
      """;

  private static final String FIRST =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"H\"},\"finish_reason\":null}]}\n\n";
  private static final String FINISH =
      "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\n";
  private static final String DONE = "data: [DONE]\n\n";

  private static final String KEY = "sk-canary-0123456789abcdef";
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final CallPolicy.Retries THREE =
      new CallPolicy.Retries(3, Duration.ofMillis(1), Duration.ofMillis(50), 2, true);
  private static final CallPolicy POLICY = new CallPolicy(LONG, LONG, 10, THREE);
  private static final CallPolicy ONCE =
      new CallPolicy(
          LONG, LONG, 10, new CallPolicy.Retries(0, Duration.ZERO, Duration.ZERO, 1, false));

  private final EventLoops loops = new EventLoops();
  private final UpstreamClient client =
      new UpstreamClient(loops, new EgressPolicy(true, List.of()), Resolver.system(), LONG);
  private final Cancellation cancellation = new Cancellation();

  @AfterEach
  void stop() throws TimeoutException {
    client.stop(Duration.ofSeconds(5));
    loops.stop(Duration.ofSeconds(5));
  }

  @Test
  void aWholeAnswerKeepsItsBytes() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering(json(ANSWER))) {
      RelayedAnswer answer = relay().answer(target(upstream, POLICY), chat(false), cancellation);

      assertThat(new String(answer.json(), StandardCharsets.UTF_8)).isEqualTo(ANSWER);
      assertThat(answer.attempts()).isEqualTo(1);
      FakeUpstream.Request request = upstream.request();
      assertThat(request.line()).isEqualTo("POST /v1/chat/completions HTTP/1.1");
      assertThat(request.header("Content-Type")).contains("application/json");
      assertThat(request.header("Authorization")).contains("Bearer " + KEY);
      assertThat(request.body()).isEqualTo(new String(SENT, StandardCharsets.UTF_8));
    }
  }

  @Test
  void aStreamKeepsItsBytes() throws Exception {
    String odd = ": comment\n\n" + FIRST.replace("data: ", "data:") + FINISH + DONE;
    try (FakeUpstream upstream = FakeUpstream.answering(closing(events() + odd))) {
      Caller caller = stream(upstream, POLICY);

      assertThat(caller.all()).isEqualTo(odd);
    }
  }

  @Test
  void aFinishedStreamWithoutDoneGetsOne() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering(closing(events() + FIRST + FINISH))) {
      assertThat(stream(upstream, POLICY).all()).isEqualTo(FIRST + FINISH + DONE);
    }
  }

  @Test
  void aTruncatedStreamEndsInAnErrorEventAndNeverInDone() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.answering(closing(events() + FIRST + "data: {\"choices\":[{\"ind"))) {
      String all = stream(upstream, POLICY).all();

      assertThat(all)
          .startsWith(FIRST + "event: error\ndata: {\"error\":{")
          .contains("before the answer was whole", "\"code\":\"broken\"")
          .doesNotContain("[DONE]");
    }
  }

  @Test
  void aConnectionCutInTheMiddleEndsInAnErrorEvent() throws Exception {
    String head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 1000\r\n\r\n";
    try (FakeUpstream upstream = FakeUpstream.answering(closing(head + FIRST))) {
      assertThat(stream(upstream, POLICY).all())
          .startsWith(FIRST + "event: error\n")
          .doesNotContain("[DONE]");
    }
  }

  @Test
  void anErrorInTheMiddleReachesTheCallerWithoutTheKey() throws Exception {
    String error = "data: {\"error\":{\"message\":\"bad key " + KEY + "\"}}\n\n";
    try (FakeUpstream upstream =
        FakeUpstream.answering(closing(events() + FIRST + error + FINISH + DONE))) {
      assertThat(stream(upstream, POLICY).all())
          .startsWith(FIRST + "event: error\n")
          .contains("bad key ***")
          .doesNotContain(KEY, "[DONE]");
    }
  }

  @Test
  void anErrorBeforeTheFirstEventIsNoStream() throws Exception {
    String error = "data: {\"error\":{\"message\":\"no such model\",\"type\":\"invalid\"}}\n\n";
    try (FakeUpstream upstream = FakeUpstream.answering(closing(events() + error))) {
      RelayException failure = streamFailure(upstream, POLICY);

      assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
      assertThat(failure).hasMessage("the provider reported an error: no such model");
      assertThat(failure.attempts()).isEqualTo(1);
    }
  }

  @Test
  void aStreamThatDiesBeforeItsFirstEventIsTriedAgain() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (FakeUpstream upstream =
        FakeUpstream.answering((request, out) -> {
          String body = calls.incrementAndGet() < 3 ? "" : FIRST + FINISH + DONE;
          write(out, events() + body);
          out.close();
        })) {
      RelayedStream stream = relay().stream(target(upstream, POLICY), chat(true), cancellation);

      assertThat(stream.attempts()).isEqualTo(3);
      assertThat(new Caller(stream.events()).all()).isEqualTo(FIRST + FINISH + DONE);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 502, 503, 504, 529})
  void whatMayPassIsTriedAgain(int status) throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (FakeUpstream upstream =
        FakeUpstream.answering((request, out) ->
            write(
                out,
                calls.incrementAndGet() < 3
                    ? response(status + " No", "text/plain", "later")
                    : json(ANSWER)))) {
      RelayedAnswer answer = relay().answer(target(upstream, POLICY), chat(false), cancellation);

      assertThat(answer.attempts()).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 422, 500, 501, 301})
  void whatWillNotPassIsNotTriedAgain(int status) throws Exception {
    String body = "{\"error\":{\"message\":\"no, " + KEY + "\"}}";
    try (FakeUpstream upstream =
        FakeUpstream.answering(response(status + " No", "application/json", body))) {
      RelayException failure = failure(upstream, POLICY);

      assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
      assertThat(failure.status()).contains(status);
      assertThat(failure).hasMessage("the provider answered %d: no, ***".formatted(status));
      assertThat(failure.attempts()).isEqualTo(1);
    }
  }

  @Test
  void aTryIsGivenUpWhenThePolicyHasNoMore() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.answering(response("503 No", "text/html", "<h1>Sorry</h1>"))) {
      RelayException failure = failure(upstream, POLICY);

      assertThat(failure.attempts()).isEqualTo(4);
      assertThat(failure).hasMessage("the provider answered 503 (tried 4 times)");
    }
  }

  @Test
  void aLongRetryAfterIsToldAndNotWaitedFor() throws Exception {
    String busy = "HTTP/1.1 429 No\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n";
    try (FakeUpstream upstream = FakeUpstream.answering(busy)) {
      RelayException failure = failure(upstream, POLICY);

      assertThat(failure.attempts()).isEqualTo(1);
      assertThat(failure.retryAfter()).contains(Duration.ofMinutes(2));
    }
  }

  @Test
  void nothingThatListensIsTriedAgain() throws Exception {
    FakeUpstream gone = FakeUpstream.answering("");
    gone.close();

    RelayException failure = failure(gone, POLICY);

    assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
    assertThat(failure.attempts()).isEqualTo(4);
  }

  @Test
  void retriesAreAFractionOfTheCalls() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    String busy = "HTTP/1.1 429 No\r\nContent-Length: 0\r\n\r\n";
    try (FakeUpstream upstream =
        FakeUpstream.answering((_, out) -> {
          calls.incrementAndGet();
          write(out, busy);
        })) {
      Relay relay = relay();
      Target target = target(upstream, POLICY);
      for (int i = 0; i < 50; i++) {
        var _ =
            catchThrowableOfType(
                RelayException.class, () -> relay.answer(target, chat(false), cancellation));
      }
      // 50 calls, 10 retries at once and a fifth of the calls.
      assertThat(calls.get()).isBetween(60, 71);
    }
  }

  @Test
  void aProviderThatKeepsFailingIsLeftAlone() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (FakeUpstream upstream =
        FakeUpstream.answering((_, out) -> {
          calls.incrementAndGet();
          write(out, response("500 No", "text/plain", "broken"));
        })) {
      Relay relay = relay();
      Target target = target(upstream, ONCE);
      for (int i = 0; i < 10; i++) {
        relayFailure(relay, target);
      }
      RelayException suspended = relayFailure(relay, target);

      assertThat(suspended.kind()).isEqualTo(Kind.SUSPENDED);
      assertThat(suspended.retryAfter()).isPresent();
      assertThat(suspended.attempts()).isZero();
      assertThat(calls).hasValue(10);
      Target other = new Target("other", target.provider(), ONCE);
      assertThat(relayFailure(relay, other).kind()).isEqualTo(Kind.REFUSED);
    }
  }

  @Test
  void aCallerThatLeavesEndsACallWithoutAnAnswer() throws Exception {
    try (FakeUpstream silent = FakeUpstream.answering((_, _) -> {})) {
      CompletableFuture<RelayException> failure =
          CompletableFuture.supplyAsync(() -> failure(silent, POLICY));
      silent.request();
      cancellation.cancel();

      assertThat(failure.get(10, TimeUnit.SECONDS).kind()).isEqualTo(Kind.CANCELLED);
      assertThat(silent.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void aCallerThatLeavesEndsAStreamBeforeItsFirstEvent() throws Exception {
    try (FakeUpstream silent = FakeUpstream.answering((_, out) -> write(out, events()))) {
      CompletableFuture<RelayException> failure =
          CompletableFuture.supplyAsync(() -> streamFailure(silent, POLICY));
      silent.request();
      cancellation.cancel();

      assertThat(failure.get(10, TimeUnit.SECONDS).kind()).isEqualTo(Kind.CANCELLED);
      assertThat(silent.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void aCallerThatLeavesEndsTheStream() throws Exception {
    try (FakeUpstream endless = endless(new AtomicLong())) {
      Caller caller = stream(endless, POLICY);
      caller.next();
      caller.cancel();

      assertThat(endless.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void aCallerThatDoesNotTakeHoldsTheProviderBack() throws Exception {
    AtomicLong sent = new AtomicLong();
    try (FakeUpstream endless = endless(sent)) {
      Caller caller = stream(endless, POLICY);
      caller.next();
      long before;
      do {
        before = sent.get();
        FakeUpstream.pause(Duration.ofMillis(200));
      } while (sent.get() > before);
      // What the sockets and one read take in.
      assertThat(before).isLessThan(64 << 20);
      caller.next();
      caller.cancel();
    }
  }

  @Test
  void aSilentProviderIsGivenUp() throws Exception {
    CallPolicy hasty = new CallPolicy(Duration.ofMillis(200), LONG, 10, THREE);
    try (FakeUpstream silent = FakeUpstream.answering((_, _) -> {})) {
      RelayException failure = failure(silent, hasty);

      assertThat(failure.kind()).isEqualTo(Kind.TIMED_OUT);
      assertThat(failure.attempts()).isEqualTo(1);
      assertThat(streamFailure(silent, hasty).kind()).isEqualTo(Kind.TIMED_OUT);
    }
  }

  @Test
  void aStreamThatFallsSilentEndsInAnErrorEvent() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering((_, out) -> write(out, events() + FIRST))) {
      Relay relay = relay(Duration.ofMillis(200), LONG, LONG);
      Caller caller =
          new Caller(relay.stream(target(upstream, POLICY), chat(true), cancellation).events());

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
      Relay relay = relay(LONG, Duration.ofMillis(400), LONG);
      Caller caller =
          new Caller(relay.stream(target(endless, POLICY), chat(true), cancellation).events());

      assertThat(caller.all()).startsWith(FIRST).contains("event: error\n");
    }
  }

  @Test
  void aSlowBeginningIsToldToTheCallerBeforeItComes() throws Exception {
    CompletableFuture<Void> told = new CompletableFuture<>();
    try (FakeUpstream upstream =
        FakeUpstream.answering((_, out) -> {
          write(out, events());
          told.orTimeout(10, TimeUnit.SECONDS).join();
          write(out, "data: {\"error\":{\"message\":\"too late\"}}\n\n");
        })) {
      Relay relay = relay(LONG, LONG, Duration.ofMillis(50));
      Caller caller =
          new Caller(relay.stream(target(upstream, POLICY), chat(true), cancellation).events());
      told.complete(null);

      assertThat(caller.all()).startsWith("event: error\n").contains("too late");
    }
  }

  @Test
  void aConnectionThatGrewStaleCostsNothing() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (FakeUpstream upstream =
        FakeUpstream.answering((_, out) -> {
          if (calls.incrementAndGet() == 2) {
            out.close();
          } else {
            write(out, json(ANSWER));
          }
        })) {
      Relay relay = relay();
      Target target = target(upstream, ONCE);
      relay.answer(target, chat(false), cancellation);

      assertThat(relay.answer(target, chat(false), cancellation).attempts()).isEqualTo(1);
      assertThat(calls).hasValue(3);
    }
  }

  @Test
  void noMoreConnectionsAreKeptThanThePolicySays() throws Exception {
    CallPolicy one = new CallPolicy(LONG, LONG, 1, THREE);
    CompletableFuture<Void> together = new CompletableFuture<>();
    AtomicInteger calls = new AtomicInteger();
    try (FakeUpstream upstream =
        FakeUpstream.answering((_, out) -> {
          if (calls.incrementAndGet() == 2) {
            together.complete(null);
          }
          together.orTimeout(10, TimeUnit.SECONDS).join();
          write(out, json(ANSWER));
        })) {
      Relay relay = relay();
      Target target = target(upstream, one);
      List<CompletableFuture<RelayedAnswer>> both =
          java.util.stream.Stream.of(1, 2)
              .map(_ ->
                  CompletableFuture.supplyAsync(
                      () -> relay.answer(target, chat(false), cancellation)))
              .toList();
      for (CompletableFuture<RelayedAnswer> answer : both) {
        answer.get(10, TimeUnit.SECONDS);
      }

      List<String> kept =
          java.util.stream.Stream.of(upstream.request(), upstream.request())
              .map(request -> request.header("Connection").orElse("kept"))
              .sorted()
              .toList();
      assertThat(kept).containsExactly("close", "kept");
    }
  }

  @Test
  void whatIsNoAnswerIsNotPassedOn() throws Exception {
    for (String body : List.of("<html>", "{}", "[1]", "{\"choices\":", "")) {
      try (FakeUpstream upstream = FakeUpstream.answering(json(body))) {
        assertThat(failure(upstream, ONCE).kind()).isEqualTo(Kind.REFUSED);
        assertThat(streamFailure(upstream, ONCE).kind()).isEqualTo(Kind.REFUSED);
      }
    }
    try (FakeUpstream upstream = FakeUpstream.answering(json(ANSWER))) {
      assertThat(streamFailure(upstream, ONCE).kind()).isEqualTo(Kind.BROKEN);
    }
  }

  private static final byte[] SENT =
      """
      {"model": "m", "messages": [{"role":"user", "content":"Hello"}], "unknown": 1.0}\
      """
          .getBytes(StandardCharsets.UTF_8);

  private static ModelRequest chat(boolean stream) {
    return stream
        ? ModelRequest.of(
            Operation.CHAT,
            WireJson.MAPPER.createObjectNode().put("model", "m").put("stream", true))
        : ModelRequest.sent(Operation.CHAT, SENT);
  }

  private Relay relay() {
    return relay(LONG, LONG, LONG);
  }

  private Relay relay(Duration idle, Duration total, Duration patience) {
    return new Relay(
        client, new RelaySettings(LONG, idle, total, patience, 1 << 20), InstantSource.system());
  }

  private static Target target(FakeUpstream upstream, CallPolicy policy) {
    ProviderKinds kinds = ProviderKinds.standard();
    String config =
        """
        {"name": "ollama", "base_url": "%s",
         "options": {"auth_type": "bearer", "token": "%s"}}
        """
            .formatted(upstream.url(""), KEY);
    return new Target("it", kinds.build(kinds.parse(WireJson.MAPPER.readTree(config))), policy);
  }

  private Caller stream(FakeUpstream upstream, CallPolicy policy) {
    return new Caller(relay().stream(target(upstream, policy), chat(true), cancellation).events());
  }

  private RelayException failure(FakeUpstream upstream, CallPolicy policy) {
    return relayFailure(relay(), target(upstream, policy));
  }

  private RelayException relayFailure(Relay relay, Target target) {
    return catchThrowableOfType(
        RelayException.class, () -> relay.answer(target, chat(false), cancellation));
  }

  private RelayException streamFailure(FakeUpstream upstream, CallPolicy policy) {
    return catchThrowableOfType(
        RelayException.class,
        () -> relay().stream(target(upstream, policy), chat(true), cancellation));
  }

  private static FakeUpstream.Script closing(String bytes) {
    return (_, out) -> {
      write(out, bytes);
      out.close();
    };
  }

  private static FakeUpstream endless(AtomicLong sent) {
    String many = FIRST.repeat(1_000);
    return FakeUpstream.answering((_, out) -> {
      write(out, events());
      while (true) {
        write(out, many);
        sent.addAndGet(many.length());
      }
    });
  }

  private static void write(OutputStream out, String text) throws java.io.IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
