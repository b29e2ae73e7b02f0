package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.security.Scope;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Validation of the `Host` header by a running server.
class HostHeaderTest {
  private final RouteServer server =
      RouteServer.of(
          RouteServer.withAllowedHosts(RouteServer.settings(), List.of("lab.example")),
          Route.get("/healthz", "Health")
              .requires(Scope.PUBLIC)
              .probe()
              .returnsText(200, "text/plain")
              .handledBy(_ -> Response.text(200, "text/plain", "OK")));

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void disallowedHostNamesTheSetting() throws Exception {
    for (String head :
        List.of(
            "GET /healthz HTTP/1.1",
            "GET /nothing HTTP/1.1",
            "OPTIONS /healthz HTTP/1.1\r\nOrigin: http://evil.example\r\n"
                + "Access-Control-Request-Method: GET")) {
      RawHttpConnection.RawResponse response = send(head, "evil.example:8080");

      assertThat(response.status()).isEqualTo(421);
      assertThat(response.json().path("type").asString())
          .isEqualTo("/problems/misdirected-request");
      assertThat(response.json().path("detail").asString())
          .contains("\"evil.example\"", "SERVER_ALLOWED_HOSTS");
    }
  }

  @Test
  void allowedHostsAreServed() throws Exception {
    for (String host : List.of("localhost", "127.0.0.1:" + server.port(), "Lab.Example:443")) {
      assertThat(send("GET /healthz HTTP/1.1", host).text()).isEqualTo("OK");
    }
  }

  @Test
  void connectionIsReusableAfterMisdirectedRequest() throws Exception {
    try (RawHttpConnection wire = server.connect()) {
      wire.sendRaw("GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n");
      assertThat(wire.readResponse().status()).isEqualTo(421);
      wire.sendRaw("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(wire.readResponse().status()).isEqualTo(200);
    }
  }

  @Test
  void malformedHostClosesTheConnection() throws Exception {
    try (RawHttpConnection wire = server.connect()) {
      wire.sendRaw("GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n");
      assertThat(wire.readResponse().status()).isEqualTo(400);
      assertThat(wire.isClosed()).isTrue();
    }
  }

  private RawHttpConnection.RawResponse send(String head, String host) throws Exception {
    try (RawHttpConnection wire = server.connect()) {
      return wire.sendRaw(head + "\r\nHost: " + host + "\r\n\r\n").readResponse();
    }
  }
}
