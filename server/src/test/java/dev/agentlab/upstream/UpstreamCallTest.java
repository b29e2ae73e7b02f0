package dev.agentlab.upstream;

import static dev.agentlab.upstream.TestClients.LIMITS;
import static dev.agentlab.upstream.TestClients.NO_ADDRESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.upstream.UpstreamException.Kind;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Verifies calls that are started without blocking.
class UpstreamCallTest {
  private final TestClients clients = new TestClients();
  private final EventLoop loop = clients.loops().current();
  private final Cancellation cancellation = new Cancellation();

  @AfterEach
  void stop() {
    clients.close();
  }

  @Test
  void responseIsCompletedOnTheEventLoop() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json("{}"))) {
      assertThat(isCompletedOnLoop(upstream.url("/"))).isTrue();
    }
  }

  @Test
  void failureIsCompletedOnTheEventLoop() {
    assertThat(isCompletedOnLoop(URI.create("http://none.test/"))).isTrue();
  }

  @Test
  void onlyAStreamingSuccessIsAStream() throws Exception {
    String page = FakeUpstream.response("500 No", "text/event-stream", "data: 1\n\n");
    String events = FakeUpstream.response("200 OK", "text/event-stream", "data: 1\n\n");
    for (String response : new String[] {page, events, FakeUpstream.json("{}")}) {
      try (FakeUpstream upstream = FakeUpstream.start(response)) {
        assertThat(Await.result(start(upstream.url("/"))) instanceof UpstreamStream)
            .isEqualTo(response.equals(events));
      }
    }
  }

  @Test
  void cancelledCallClosesItsConnection() throws Exception {
    try (FakeUpstream silent = FakeUpstream.start((_, _) -> {})) {
      CompletableFuture<Transport.Result> result = start(silent.url("/"));
      silent.request();
      cancellation.cancel();

      assertThat(failure(result)).isEqualTo(Kind.CANCELLED);
      assertThat(silent.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void callIsNotSentAfterItsCancellation() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json("{}"))) {
      cancellation.cancel();

      assertThat(failure(start(upstream.url("/")))).isEqualTo(Kind.CANCELLED);
      assertThat(upstream.isIdle()).isTrue();
    }
  }

  @Test
  void stopEndsACallInProgress() throws Exception {
    try (FakeUpstream silent = FakeUpstream.start((_, _) -> {})) {
      UpstreamClient client = clients.create(NO_ADDRESS).client();
      CompletableFuture<Transport.Result> result =
          client.start(loop, request(silent.url("/")), LIMITS, cancellation);
      silent.request();
      client.stop(LIMITS.totalTimeout());

      assertThat(failure(result)).isEqualTo(Kind.RESET);
    }
  }

  private static Kind failure(CompletableFuture<Transport.Result> result) {
    return catchThrowableOfType(UpstreamException.class, () -> Await.result(result)).kind();
  }

  /// Starts a call on the event loop, so that it cannot end before the check is registered.
  private boolean isCompletedOnLoop(URI url) {
    CompletableFuture<Boolean> checked = new CompletableFuture<>();
    loop.execute(() -> {
      var _ = start(url).whenComplete((_, _) -> checked.complete(loop.isCurrent()));
    });
    return Await.result(checked);
  }

  private CompletableFuture<Transport.Result> start(URI url) {
    return clients.create(NO_ADDRESS).client().start(loop, request(url), LIMITS, cancellation);
  }

  private static UpstreamRequest request(URI url) {
    return UpstreamRequest.get(url, Map.of(), Map.of()).acceptingStream();
  }
}
