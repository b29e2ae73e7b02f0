package dev.agentlab.modelclient;

import static dev.agentlab.modelclient.TestModelClients.COMPLETION;
import static dev.agentlab.modelclient.TestModelClients.DONE;
import static dev.agentlab.modelclient.TestModelClients.FINISH;
import static dev.agentlab.modelclient.TestModelClients.FIRST;
import static dev.agentlab.modelclient.TestModelClients.NO_RETRIES;
import static dev.agentlab.modelclient.TestModelClients.chatRequest;
import static dev.agentlab.modelclient.TestModelClients.closeAfter;
import static dev.agentlab.modelclient.TestModelClients.target;
import static dev.agentlab.testing.FakeUpstream.events;
import static dev.agentlab.testing.FakeUpstream.json;
import static dev.agentlab.testing.FakeUpstream.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.groups.Tuple.tuple;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.modelclient.CallPlan.PlannedRoute;
import dev.agentlab.modelclient.CallRecord.AttemptRecord;
import dev.agentlab.modelclient.ModelCallException.Kind;
import dev.agentlab.modelclient.RouteDecision.SkippedTarget;
import dev.agentlab.testing.FakeUpstream;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Verifies calls whose plan is that of a route.
class RoutedCallTest {
  private static final UUID ROUTE = new UUID(1, 2);
  private static final Set<FallbackCause> ALL = EnumSet.allOf(FallbackCause.class);
  private static final String STREAM = FIRST + FINISH + DONE;
  private static final String ROLE =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";

  private final TestModelClients clients = new TestModelClients();
  private final ModelClient client = clients.createClient();

  /// Ends the responses of providers that send nothing more.
  private final CountDownLatch end = new CountDownLatch(1);

  @AfterEach
  void stop() throws TimeoutException {
    end.countDown();
    clients.close();
  }

  @ParameterizedTest
  @CsvSource({
    "429, 429",
    "500, 5xx",
    "529, 5xx",
    "401, credentials",
    "402, credentials",
    "404, model_not_found",
    "408, timeout",
  })
  void routeDecidesWhichFailuresMoveACall(int status, String cause) throws Exception {
    FallbackCause named = FallbackCause.find(cause).orElseThrow();
    try (FakeUpstream failing = FakeUpstream.start(response(status + " No", "text/plain", "no"));
        FakeUpstream working = FakeUpstream.start(json(COMPLETION))) {
      CallTarget first = named("first", failing);
      CallTarget second = named("second", working);
      assertThat(clients.complete(client, route(Set.of(named), first, second)).target().provider())
          .isEqualTo("second");

      ModelCallException failure =
          failure(clients.createClient(), route(others(named), first, second));

      assertThat(failure.upstream().orElseThrow().status()).isEqualTo(status);
      assertThat(failure.attempts()).isEqualTo(1);
    }
  }

  @Test
  void unreachableTargetIsConnect() throws Exception {
    FakeUpstream closed = FakeUpstream.start("");
    closed.close();
    try (FakeUpstream working = FakeUpstream.start(json(COMPLETION))) {
      CallTarget first = named("first", closed);
      CallTarget second = named("second", working);
      assertThat(
              clients
                  .complete(client, route(Set.of(FallbackCause.CONNECT), first, second))
                  .attempts())
          .isEqualTo(2);

      assertThat(failure(client, route(others(FallbackCause.CONNECT), first, second)).kind())
          .isEqualTo(Kind.UNREACHABLE);
    }
  }

  @Test
  void tooLongConversationMovesToALongerModel() throws Exception {
    String tooLong = "{\"error\":{\"message\":\"too long\",\"code\":\"context_length_exceeded\"}}";
    try (FakeUpstream small = FakeUpstream.start(response("400 No", "application/json", tooLong));
        FakeUpstream large = FakeUpstream.start(json(COMPLETION))) {
      assertThat(
              clients
                  .complete(client, route(ALL, named("small", small), named("large", large)))
                  .target()
                  .provider())
          .isEqualTo("large");

      ModelCallException failure =
          failure(client, route(ALL, named("small", small), named("other", small)));

      assertThat(failure.upstream().flatMap(ProviderError::code))
          .as("clients shorten the conversation after this code")
          .contains("context_length_exceeded");
    }
  }

  @Test
  void unreadableReasoningAlwaysMovesTheCall() throws Exception {
    String unreadable = "{\"error\":{\"message\":\"no\",\"code\":\"invalid_encrypted_content\"}}";
    try (FakeUpstream other =
            FakeUpstream.start(response("400 No", "application/json", unreadable));
        FakeUpstream author = FakeUpstream.start(json(COMPLETION))) {
      CallPlan plan = route(Set.of(), named("other", other), named("author", author));

      assertThat(clients.complete(client, plan).target().provider()).isEqualTo("author");
    }
  }

  @Test
  void streamMovesUntilItHasContent() throws Exception {
    try (FakeUpstream failing = FakeUpstream.start(closeAfter(events() + ROLE));
        FakeUpstream working = FakeUpstream.start(closeAfter(events() + STREAM))) {
      ModelStream stream =
          clients.stream(client, route(ALL, named("first", failing), named("second", working)));

      assertThat(stream.planned().name()).isEqualTo("second/m");
      assertThat(new StreamSubscriber(stream.events()).readAll()).isEqualTo(STREAM);
    }
  }

  @Test
  void streamWithContentEndsInAnErrorEvent() throws Exception {
    try (FakeUpstream failing = FakeUpstream.start(closeAfter(events() + FIRST));
        FakeUpstream working = FakeUpstream.start(closeAfter(events() + STREAM))) {
      ModelStream stream =
          clients.stream(client, route(ALL, named("first", failing), named("second", working)));

      assertThat(new StreamSubscriber(stream.events()).readAll())
          .startsWith(FIRST + "event: error\n");
      assertThat(working.isIdle()).isTrue();
      CallRecord call = clients.awaitEnded();
      assertThat(call.outcome()).isEqualTo("broken");
      assertThat(call.firstContent()).isPresent();
    }
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void targetWithoutContentInTimeLosesTheCall(boolean answers) throws Exception {
    try (FakeUpstream silent =
            FakeUpstream.start((_, out) -> {
              if (answers) {
                TestModelClients.write(out, events() + ROLE);
              }
              pause();
            });
        FakeUpstream working = FakeUpstream.start(closeAfter(events() + STREAM))) {
      CallPlan plan =
          route(
              ALL,
              Optional.of(Duration.ofMillis(200)),
              named("silent", silent),
              named("working", working));

      assertThat(clients.stream(client, plan).target().provider()).isEqualTo("working");
      end.countDown();
    }
  }

  @Test
  void lastTargetMayTakeLongerForItsContent() throws Exception {
    try (FakeUpstream failing = FakeUpstream.start(response("500 No", "text/plain", "no"));
        FakeUpstream slow =
            FakeUpstream.start((_, out) -> {
              TestModelClients.write(out, events() + ROLE);
              FakeUpstream.pause(Duration.ofMillis(300));
              TestModelClients.write(out, STREAM);
              out.close();
            })) {
      ModelStream stream =
          clients.stream(
              client,
              route(
                  ALL,
                  Optional.of(Duration.ofMillis(100)),
                  named("failing", failing),
                  named("slow", slow)));

      assertThat(new StreamSubscriber(stream.events()).readAll()).isEqualTo(ROLE + STREAM);
    }
  }

  @Test
  void shortContentTimeoutOpensNoBreaker() throws Exception {
    try (FakeUpstream silent = FakeUpstream.start((_, _) -> pause());
        FakeUpstream working = FakeUpstream.start(closeAfter(events() + STREAM))) {
      for (int i = 0; i < 12; i++) {
        ModelStream stream =
            clients.stream(
                client,
                route(
                    ALL,
                    Optional.of(Duration.ofMillis(20)),
                    named("silent", silent),
                    named("working", working)));
        assertThat(new StreamSubscriber(stream.events()).readAll()).isEqualTo(STREAM);
      }

      assertThat(client.openBreakers()).isEmpty();
      end.countDown();
    }
  }

  @Test
  void routeWithoutTargetIsUnavailable() throws Exception {
    try (FakeUpstream failing = FakeUpstream.start(response("500 No", "text/plain", "one"));
        FakeUpstream refusing = FakeUpstream.start(response("401 No", "text/plain", "two"))) {
      ModelCallException failure =
          failure(client, route(ALL, named("first", failing), named("second", refusing)));

      assertThat(failure.kind()).isEqualTo(Kind.NO_TARGET);
      assertThat(failure.upstream()).isEmpty();
      assertThat(failure)
          .hasMessage(
              "no target of the route 'smart' takes the call: first/m: the provider returned"
                  + " status 500: one; second/m: the provider returned status 401: two"
                  + " (2 attempts)");
    }
  }

  @Test
  void rateLimitedRouteTakesCallsAfterTheEarliestReset() throws Exception {
    try (FakeUpstream first = FakeUpstream.start(limited(30));
        FakeUpstream second = FakeUpstream.start(limited(7))) {
      CallPlan plan = route(ALL, named("first", first), named("second", second));

      ModelCallException failure = failure(client, plan);
      ModelCallException next = failure(client, plan);

      assertThat(failure.upstream().orElseThrow().status()).isEqualTo(429);
      assertThat(failure.retryAfter()).contains(Duration.ofSeconds(7));
      assertThat(next.attempts()).isZero();
      assertThat(next.retryAfter().orElseThrow())
          .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(7));
    }
  }

  @Test
  void recordHasTheDecision() throws Exception {
    try (FakeUpstream limited = FakeUpstream.start(limited(30));
        FakeUpstream failing = FakeUpstream.start(response("500 No", "text/plain", "no"));
        FakeUpstream working = FakeUpstream.start(json(COMPLETION))) {
      CallPlan plan =
          route(
              ALL, named("limited", limited), named("failing", failing), named("working", working));
      var _ = clients.complete(client, plan);
      var _ = clients.awaitEnded();
      var _ = clients.complete(client, plan);
      CallRecord call = clients.awaitEnded();

      RouteDecision decision = call.route().orElseThrow();
      assertThat(decision.id()).isEqualTo(ROUTE);
      assertThat(decision.name()).isEqualTo("smart");
      assertThat(decision.revision()).isEqualTo(3);
      assertThat(decision.order()).containsExactly("limited/m", "failing/m", "working/m");
      assertThat(decision.skipped()).extracting(SkippedTarget::target).containsExactly("limited/m");
      assertThat(call.attempts())
          .extracting(AttemptRecord::target, AttemptRecord::outcome)
          .containsExactly(tuple("failing/m", "refused"), tuple("working/m", "success"));
      assertThat(client.findUnavailable(plan, chatRequest(false)))
          .isEqualTo(decision.skipped().stream().map(it -> it).toList());
    }
  }

  @Test
  void targetThatCannotServeARequestIsSkipped() throws Exception {
    try (FakeUpstream working = FakeUpstream.start(json(COMPLETION))) {
      PlannedTarget unable =
          new PlannedTarget(
              "unable",
              named("first", working),
              Optional.empty(),
              _ -> {
                throw new InvalidInputException("tools", "must be absent");
              });
      PlannedTarget able = PlannedTarget.of(named("second", working));

      assertThat(clients.complete(client, route(ALL, unable, able)).planned()).isEqualTo(able);
      assertThat(clients.complete(client, route(ALL, able, unable)).planned()).isEqualTo(able);
      assertThatThrownBy(() -> clients.complete(client, route(ALL, unable)))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("must be absent");
      assertThat(clients.awaitEnded().route().orElseThrow().skipped())
          .containsExactly(
              new SkippedTarget("unable", "does not support the request: tools: must be absent"));
    }
  }

  @Test
  void recordPrecedesTheEndOfTheResponse() throws Exception {
    try (FakeUpstream working = FakeUpstream.start(closeAfter(events() + STREAM))) {
      StreamSubscriber subscriber = clients.subscribe(client, named("first", working));
      assertThat(subscriber.readNext()).isEqualTo(STREAM);

      assertThat(clients.recorded.calls()).hasSize(1);
      assertThat(clients.recorded.calls().getFirst().outcome()).isEqualTo("success");
    }
  }

  @Test
  void metricsCountHowCallsEnded() throws Exception {
    try (FakeUpstream failing = FakeUpstream.start(response("500 No", "text/plain", "no"));
        FakeUpstream breaking = FakeUpstream.start(closeAfter(events() + FIRST));
        FakeUpstream working = FakeUpstream.start(closeAfter(events() + STREAM))) {
      for (CallTarget first :
          List.of(named("w", working), named("f", failing), named("b", breaking))) {
        ModelStream stream = clients.stream(client, route(ALL, first, named("last", working)));
        var _ = new StreamSubscriber(stream.events()).readAll();
        var _ = clients.awaitEnded();
      }
      var _ = failure(client, route(ALL, named("f", failing)));

      for (String result : List.of("first", "moved", "error_event", "failed")) {
        assertThat(
                clients
                    .meters
                    .get("agentlab.route.calls")
                    .tag("route", "smart")
                    .tag("result", result)
                    .counter()
                    .count())
            .as(result)
            .isEqualTo(1);
      }
    }
  }

  private void pause() {
    try {
      end.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static FakeUpstream.Script limited(int seconds) {
    return closeAfter(
        "HTTP/1.1 429 No\r\nretry-after: %d\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            .formatted(seconds));
  }

  private static Set<FallbackCause> others(FallbackCause excluded) {
    Set<FallbackCause> others = EnumSet.allOf(FallbackCause.class);
    others.remove(excluded);
    return others;
  }

  private ModelCallException failure(ModelClient client, CallPlan plan) {
    return catchThrowableOfType(ModelCallException.class, () -> clients.complete(client, plan));
  }

  private static CallPlan route(Set<FallbackCause> fallbackOn, CallTarget... targets) {
    return route(fallbackOn, Optional.empty(), targets);
  }

  private static CallPlan route(
      Set<FallbackCause> fallbackOn, Optional<Duration> contentTimeout, CallTarget... targets) {
    return route(
        fallbackOn,
        contentTimeout,
        Arrays.stream(targets)
            .map(it ->
                new PlannedTarget(
                    it.provider() + "/m", it, Optional.empty(), UnaryOperator.identity()))
            .toList());
  }

  private static CallPlan route(Set<FallbackCause> fallbackOn, PlannedTarget... targets) {
    return route(fallbackOn, Optional.empty(), List.of(targets));
  }

  private static CallPlan route(
      Set<FallbackCause> fallbackOn,
      Optional<Duration> contentTimeout,
      List<PlannedTarget> targets) {
    return new CallPlan(
        targets,
        Optional.of(
            new PlannedRoute(ROUTE, "smart", 3, fallbackOn, true, contentTimeout, List.of())));
  }

  private static CallTarget named(String name, FakeUpstream upstream) {
    return new CallTarget(name, name, target(upstream, NO_RETRIES).callable(), "m", NO_RETRIES);
  }
}
