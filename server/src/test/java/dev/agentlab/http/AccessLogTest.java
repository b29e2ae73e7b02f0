package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.agentlab.net.Cidr;
import dev.agentlab.security.Scope;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class AccessLogTest {
  private static final String LOGGER = "dev.agentlab.http.requests";
  private static final Param<String> NAME = Param.queryText("name", "Which name.");

  private static final Route LIST =
      Route.get("/things", "List")
          .requires(Scope.PUBLIC)
          .parameters(TestRoutes.PAGE, NAME)
          .returnsText(200, "text/plain")
          .handledBy(_ -> Response.text(200, "text/plain", "hello"));
  private static final Route FIELDS =
      Route.get("/fields", "Fields")
          .requires(Scope.PUBLIC)
          .returnsEmpty(204)
          .handledBy(request -> {
            request.logFields().put("model", "m");
            request.logFields().put("attempts", 1);
            request.logFields().put("attempts", 2);
            return Response.noContent();
          });
  private static final Route HEALTH =
      Route.get("/healthz", "Health")
          .requires(Scope.PUBLIC)
          .probe()
          .returnsEmpty(204)
          .handledBy(_ -> Response.noContent());

  @Test
  void requestIsLoggedAsOneLine() {
    Map<String, String> line =
        logLinesOf(Level.INFO, "GET /things?page=1&name=a HTTP/1.1\r\nX-Request-Id: my-id")
            .getFirst();

    assertThat(line.remove("duration_ms")).matches("\\d+\\.\\d{1,2}");
    assertThat(line)
        .isEqualTo(
            Map.of(
                "method", "GET",
                "uri", "/things?page=1&name=***",
                "address", "127.0.0.1",
                "status", "200",
                "bytes", "5",
                "request_id", "my-id"));
  }

  @Test
  void trustedProxyHeaderSetsClientAddress() throws Exception {
    HttpSettings settings =
        RouteServer.withTrustedProxies(RouteServer.settings(), List.of(Cidr.parse("127.0.0.1")));
    try (LogCapture logs = LogCapture.of(LOGGER, Level.INFO)) {
      try (RouteServer server = RouteServer.of(settings, LIST)) {
        server.send("GET /things HTTP/1.1\r\nX-Forwarded-For: 8.8.8.8, 192.0.2.7");
      }
      assertThat(keyValues(logs.lines().getFirst())).containsEntry("address", "192.0.2.7");
    }
    assertThat(
            logLinesOf(Level.INFO, "GET /things HTTP/1.1\r\nX-Forwarded-For: 192.0.2.7").getFirst())
        .containsEntry("address", "127.0.0.1");
  }

  @Test
  void handlerAddsFieldsToTheLogLine() {
    assertThat(logLinesOf(Level.INFO, "GET /fields HTTP/1.1").getFirst())
        .containsEntry("status", "204")
        .containsEntry("model", "m")
        .containsEntry("attempts", "2");
  }

  @Test
  void onlyPagingParametersAreLoggedWithTheirValues() {
    assertThat(uriOf("/things?page=1&name=SECRET&token=SECRET&SECRET&=SECRET"))
        .isEqualTo("/things?page=1&name=***&token=***&***&=***");
    assertThat(uriOf("/nothing?page=SECRET")).isEqualTo("/nothing?page=***");
  }

  @Test
  void malformedRequestIsLogged() {
    Map<String, String> line = logLinesOf(Level.INFO, "SECRET").getFirst();

    assertThat(line).containsEntry("status", "400").containsEntry("uri", "-");
  }

  @Test
  void probesAreLoggedAtDebugOnly() {
    String probe = "GET /healthz HTTP/1.1";

    assertThat(logLinesOf(Level.INFO, probe)).isEmpty();
    assertThat(logLinesOf(Level.DEBUG, probe)).hasSize(1);
  }

  @Test
  void invalidRequestIdIsReplaced() throws Exception {
    try (RouteServer server = RouteServer.of(LIST)) {
      for (String given : List.of("a b", "\u00e4", "a".repeat(65), "", "<script>")) {
        assertThat(
                server
                    .send("GET /things HTTP/1.1\r\nX-Request-Id: " + given)
                    .header("X-Request-Id"))
            .matches("[0-9a-hjkmnp-tv-z]{21}");
      }
    }
  }

  @Test
  void generatedRequestIdsSortByTime() throws Exception {
    String one = RequestId.of(null);
    long later = System.currentTimeMillis() + 2;
    while (System.currentTimeMillis() < later) {
      Thread.onSpinWait();
    }

    assertThat(RequestId.of(null)).isGreaterThan(one);
  }

  @Test
  void requestsAreTimedByRouteAndStatus() throws Exception {
    try (RouteServer server = RouteServer.of(LIST, HEALTH)) {
      server.send("GET /things HTTP/1.1");
      server.send("GET /things?name=a HTTP/1.1");
      server.send("BREW /nothing HTTP/1.1");

      assertThat(timer(server, "GET", "/things", "200").count()).isEqualTo(2);
      assertThat(timer(server, "other", "unmatched", "404").count()).isEqualTo(1);
      assertThat(timer(server, "GET", "/things", "200").takeSnapshot().histogramCounts())
          .hasSize(6);
    }
  }

  private static Timer timer(RouteServer server, String method, String route, String status) {
    return server
        .meters()
        .get("http.server.requests")
        .tags("method", method, "route", route, "status", status)
        .timer();
  }

  private static String uriOf(String target) {
    return String.valueOf(
        logLinesOf(Level.INFO, "GET " + target + " HTTP/1.1").getFirst().get("uri"));
  }

  /// The log lines of one request, each as a map of its keys and values.
  private static List<Map<String, String>> logLinesOf(Level level, String head) {
    try (LogCapture logs = LogCapture.of(LOGGER, level)) {
      try (RouteServer server = RouteServer.of(LIST, FIELDS, HEALTH)) {
        server.send(head);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      // The server has stopped, so the log is complete.
      return logs.lines().stream().map(AccessLogTest::keyValues).toList();
    }
  }

  private static Map<String, String> keyValues(ILoggingEvent line) {
    Map<String, String> all = new TreeMap<>(line.getMDCPropertyMap());
    line.getKeyValuePairs().forEach(pair -> all.put(pair.key, String.valueOf(pair.value)));
    return all;
  }
}
