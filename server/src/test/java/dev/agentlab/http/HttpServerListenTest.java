package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.security.Scope;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class HttpServerListenTest {
  @Test
  void portInUseIsReported() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();

      assertThatThrownBy(() -> listen("127.0.0.1", port))
          .isInstanceOf(CannotListenException.class)
          .hasMessage(
              "cannot listen on 127.0.0.1:%d: the port is in use; set server.port (SERVER_PORT) to"
                  + " another port",
              port);
    }
  }

  @Test
  void unknownHostIsReported() {
    assertThatThrownBy(() -> listen("no-such-host.invalid", 0))
        .isInstanceOf(CannotListenException.class)
        .hasMessageContaining("unknown host")
        .hasMessageContaining("SERVER_HOST");
  }

  @Test
  void foreignAddressIsReported() {
    assertThatThrownBy(() -> listen("192.0.2.1", 0))
        .isInstanceOf(CannotListenException.class)
        .hasMessageContaining("not an address of this machine")
        .hasMessageContaining("SERVER_HOST");
  }

  @Test
  void allEventLoopsServeOnePort() throws Exception {
    Route route =
        Route.get("/", "Root")
            .requires(Scope.PUBLIC)
            .returnsEmpty(204)
            .handledBy(_ -> Response.noContent());
    try (RouteServer server = RouteServer.of(route)) {
      for (int i = 0; i < 20; i++) {
        assertThat(server.send("GET / HTTP/1.1").status()).isEqualTo(204);
      }
    }
  }

  private static void listen(String host, int port) {
    HttpSettings defaults = RouteServer.settings();
    HttpSettings settings =
        new HttpSettings(
            host,
            port,
            defaults.allowedHosts(),
            defaults.trustedProxies(),
            defaults.readTimeout(),
            defaults.writeTimeout(),
            defaults.idleTimeout(),
            defaults.heartbeat(),
            defaults.maxBodySize(),
            defaults.maxInFlight(),
            defaults.tls(),
            defaults.cors(),
            defaults.publicOrigin());
    RouteServer.of(settings, new Route[0]).close();
  }
}
