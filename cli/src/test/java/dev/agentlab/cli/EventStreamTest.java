package dev.agentlab.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.cli.EventStream.Event;
import dev.agentlab.json.Json;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class EventStreamTest {
  private static EventStream openStream(ApiClient api) {
    return api.stream("/x", Json.MAPPER.createObjectNode());
  }

  private static ApiClient client(FakeService service) {
    return ApiClientTest.client(service.url());
  }

  @Test
  void eventsAreParsedByStandard() {
    String body =
        """
        : a comment

        data: one

        data:two
        data: three
        event: error
        id: 7
        retry

        data:  four

        data: cut off\
        """;
    for (String ending : new String[] {"\n", "\r\n", "\r"}) {
      try (FakeService service =
              new FakeService().on("POST /x", FakeAgents.events(body.replace("\n", ending)));
          ApiClient api = client(service);
          EventStream stream = openStream(api)) {
        assertThat(stream.awaitHeaders()).isPresent();
        assertThat(stream.next()).contains(new Event("message", "one"));
        assertThat(stream.next()).contains(new Event("error", "two\nthree"));
        assertThat(stream.next()).contains(new Event("message", " four"));
        assertThat(stream.next()).isEmpty();
        assertThat(service.requests("POST /x").header("Accept")).isEqualTo("text/event-stream");
      }
    }
  }

  @Test
  void responseOfAnotherServerIsRejected() {
    try (FakeService service = new FakeService().on("POST /x", 200, "{}");
        ApiClient api = client(service);
        EventStream stream = openStream(api)) {
      assertThatThrownBy(stream::awaitHeaders)
          .isInstanceOf(CommandFailure.class)
          .hasMessageContaining("check the address");
    }
  }

  @Test
  void stoppedServerIsUnreachable() {
    FakeService service = new FakeService();
    service.close();
    try (ApiClient api = client(service);
        EventStream stream = openStream(api)) {
      assertThatThrownBy(stream::awaitHeaders)
          .isInstanceOfSatisfying(
              CommandFailure.class,
              failure -> assertThat(failure.code()).isEqualTo(ExitCode.UNREACHABLE));
    }
  }

  @Test
  void lostConnectionIsAFailure() throws Exception {
    // If the connection is lost together with the header, the header may not be received.
    CountDownLatch received = new CountDownLatch(1);
    try (FakeUpstream server =
            FakeUpstream.start((_, out) -> {
              out.write(
                  "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 99\r\n\r\n"
                      .getBytes(StandardCharsets.US_ASCII));
              out.flush();
              Await.open(received);
              out.close();
            });
        ApiClient api = ApiClientTest.client(server.url("").toString());
        EventStream stream = openStream(api)) {
      assertThat(stream.awaitHeaders()).isPresent();
      received.countDown();
      assertThatThrownBy(stream::next)
          .isInstanceOf(CommandFailure.class)
          .hasMessageContaining("was lost");
    }
  }

  @Test
  void closeDisconnectsBeforeResponse() throws Exception {
    try (FakeUpstream server = FakeUpstream.start((_, _) -> {});
        ApiClient api = ApiClientTest.client(server.url("").toString());
        EventStream stream = openStream(api)) {
      server.request();
      Thread closing = Thread.ofVirtual().start(stream::close);

      assertThat(stream.awaitHeaders()).isEqualTo(Optional.empty());
      assertThat(stream.next()).isEmpty();
      assertThat(stream.isClosed()).isTrue();
      closing.join();
      server.disconnect();
    }
  }

  @Test
  void closeDisconnectsWhileAwaitingEvent() throws Exception {
    try (FakeUpstream server = FakeUpstream.start(FakeUpstream.events() + "data: one\n\n");
        ApiClient api = ApiClientTest.client(server.url("").toString());
        EventStream stream = openStream(api)) {
      stream.awaitHeaders();
      stream.next();
      Thread closing = Thread.ofVirtual().start(stream::close);

      assertThat(stream.next()).isEmpty();
      closing.join();
      server.disconnect();
    }
  }
}
