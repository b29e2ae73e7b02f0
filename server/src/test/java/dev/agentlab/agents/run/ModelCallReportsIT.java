package dev.agentlab.agents.run;

import static dev.agentlab.agents.AgentApi.uniqueName;
import static dev.agentlab.agents.run.ScriptedRuns.COMPLETION;
import static dev.agentlab.agents.run.ScriptedRuns.write;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.agentlab.http.LogCapture;
import dev.agentlab.http.Method;
import dev.agentlab.http.RawHttpConnection;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.net.PercentEncoding;
import dev.agentlab.security.Scope;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Every route that runs a model reports each call once, whatever its end is: in the access log and
/// in the metrics of its provider.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ModelCallReportsIT {
  private static final String CHUNK =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"H\"},\"finish_reason\":null}]}\n\n";
  private static final String STREAM =
      CHUNK
          + "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
          + "data: [DONE]\n\n";
  private static final String EMBEDDINGS =
      """
      {"object":"list","model":"llama3.2","data":[{"object":"embedding","index":0,\
      "embedding":[0.5]}],"usage":{"prompt_tokens":1,"total_tokens":1}}\
      """;
  private static final String HALF =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{\"id\"";
  private static final String CAPABILITIES =
      "\"chat\": {}, \"vision\": {}, \"tools\": {}, \"embeddings\": {}";

  /// What is sent only to providers of other kinds.
  private static final Set<String> NOT_FOR_THIS_KIND =
      Set.of("/messages/count_tokens", "/responses/input_tokens", "/responses/compact");

  /// A valid request body for each route, by the id of its operation.
  private static final Map<String, Body> BODIES =
      Map.of(
          "createChatCompletion", Body.json("{\"prompt\": \"Hi\"}"),
          "streamChatCompletion", Body.json("{\"prompt\": \"Hi\"}"),
          "createVisionCompletion", Body.form(),
          "streamVisionCompletion", Body.form(),
          "createToolCompletion",
              Body.json(
                  """
                  {"prompt": "Hi",
                   "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]}
                  """),
          "createEmbeddings", Body.json("{\"input\": \"Hi\"}"));

  /// @param text the bytes in ISO 8859-1
  private record Body(String contentType, String text) {
    static Body json(String text) {
      return new Body("application/json", text);
    }

    static Body form() {
      byte[] bytes = VisionForm.create("Hi", VisionForm.PNG);
      return new Body(VisionForm.TYPE, new String(bytes, ISO_8859_1));
    }

    static Body formOf(String provider) {
      return new Body(
          "multipart/form-data; boundary=b",
          "--b\r\nContent-Disposition: form-data; name=model\r\n\r\n%s/llama3.2\r\n--b--\r\n"
              .formatted(provider));
    }
  }

  /// A request to a route of the server, whose provider no other call uses.
  ///
  /// @param model the model in the log and in the metrics
  /// @param errorStatus the status of the response to an error 401 of the provider
  private record Call(
      Method method, String path, Body body, String provider, String model, int errorStatus) {}

  @RegisterExtension private final ScriptedRuns runs = new ScriptedRuns();

  private final LogCapture log = LogCapture.of("dev.agentlab.http.requests", Level.INFO);

  @AfterAll
  void stopCapture() {
    log.close();
  }

  @Test
  void everyCallIsReportedOnce() throws Exception {
    List<Route> routes =
        runs.server().routes().stream()
            .flatMap(group -> group.routes().stream())
            .filter(route -> route.scope().equals(Scope.INVOKE) && route.operation().isPresent())
            .toList();
    assertThat(routes).isNotEmpty();

    for (Route route : routes) {
      success(call(route));
      providerError(call(route));
      disconnectBeforeContent(call(route));
      if (route.responseBody() instanceof Route.ResponseBody.Events) {
        providerErrorAfterContent(call(route));
        disconnectAfterContent(call(route));
      }
    }
  }

  /// The operations of the gateway and the methods of its proxy, which forward errors of providers
  /// with their status. Without those that lack /v1, because the metrics have at most 100 models.
  @Test
  void everyCallOfTheGatewayIsReportedOnce() throws Exception {
    int count = 0;
    for (RouteGroup group : runs.server().routes()) {
      for (Route route : group.routes()) {
        if (isGatewayCall(group, route)) {
          count++;
          // One provider for several outcomes, for the same reason. The model has a series of its
          // own
          // after the first success.
          Call call = gatewayCall(group, route);
          providerError(call);
          truncatedResponse(call);
          success(call);
          disconnectBeforeContent(gatewayCall(group, route));
          if (route.requestBody().orElseThrow() instanceof Route.RequestBody.JsonBytes
              && route.responseBody() instanceof Route.ResponseBody.Bytes) {
            disconnectAfterPartOfTheBody(gatewayCall(group, route));
          }
        }
      }
    }
    assertThat(count).isEqualTo(14 + Method.values().length);
  }

  private static boolean isGatewayCall(RouteGroup group, Route route) {
    return route.scope().equals(Scope.PROXY)
        || (group.prefix().equals("/v1")
            && route.scope().equals(Scope.INVOKE)
            && route.requestBody().isPresent()
            && !NOT_FOR_THIS_KIND.contains(route.path()));
  }

  private Call gatewayCall(RouteGroup group, Route route) {
    String provider = uniqueName("reports");
    runs.createProvider(provider);
    boolean isProxy = route.scope().equals(Scope.PROXY);
    String path = group.prefix() + route.path();
    return new Call(
        route.method(),
        path.replace("{provider}", PercentEncoding.encode(provider))
            .replace("{path*}", "any")
            .replace(
                "{call*}", PercentEncoding.encode(provider + "/llama3.2") + ":generateContent"),
        gatewayBody(route, provider),
        provider,
        isProxy ? "" : "llama3.2",
        401);
  }

  private static Body gatewayBody(Route route, String provider) {
    if (route.path().contains("{call*}")) {
      return Body.json("{\"contents\": [{\"parts\": [{\"text\": \"Hi\"}]}]}");
    }
    return route.requestBody().orElseThrow() instanceof Route.RequestBody.Stream
            && !route.scope().equals(Scope.PROXY)
        ? Body.formOf(provider)
        : Body.json(
            """
            {"model": "%s/llama3.2", "messages": [{"role": "user", "content": "Hi"}], "input": "Hi",
             "max_tokens": 5}
            """
                .formatted(provider));
  }

  private Call call(Route route) {
    String provider = uniqueName("reports");
    String agent = runs.createAgentOf(runs.createProvider(provider), CAPABILITIES);
    String operation = route.operation().orElseThrow().id();
    Body body =
        Optional.ofNullable(BODIES.get(operation))
            .orElseThrow(() -> new AssertionError("no request body for " + operation));
    return new Call(
        route.method(),
        "/api/agents" + route.path().replace("{id}", agent),
        body,
        provider,
        "llama3.2",
        502);
  }

  private void success(Call call) throws IOException {
    runs.setScript(ModelCallReportsIT::respond);
    try (RawHttpConnection wire = send(call)) {
      RawHttpConnection.RawResponse answer = wire.readResponse();
      assertThat(answer.status()).as(call + answer.text()).isEqualTo(200);
    }
    assertReportedOnce(call, "200", "success");
  }

  private void providerError(Call call) throws IOException {
    runs.setScript(
        (_, out) -> write(out, FakeUpstream.response("401 No", "text/plain", "bad key")));
    try (RawHttpConnection wire = send(call)) {
      assertThat(wire.readResponse().status()).as(call.path()).isEqualTo(call.errorStatus());
    }
    assertReportedOnce(call, Integer.toString(call.errorStatus()), "refused");
  }

  private void disconnectBeforeContent(Call call) throws Exception {
    runs.setScript((_, _) -> {});
    try (RawHttpConnection _ = send(call)) {
      awaitUpstreamCall();
    }
    assertReportedOnce(call, "499", "cancelled");
  }

  private void truncatedResponse(Call call) throws IOException {
    runs.setScript((_, out) -> {
      write(out, HALF);
      out.close();
    });
    try (RawHttpConnection wire = send(call)) {
      if (wire.readHead().status() == 200) {
        readToTheEnd(wire);
      }
    }
    assertReportedOnce(call, "502", "broken");
  }

  private static void readToTheEnd(RawHttpConnection wire) {
    try {
      byte[] _ = wire.socket().getInputStream().readAllBytes();
    } catch (IOException e) {
      // The connection is reset.
    }
  }

  private void disconnectAfterPartOfTheBody(Call call) throws IOException {
    runs.setScript((_, out) -> write(out, HALF));
    try (RawHttpConnection wire = send(call)) {
      assertThat(wire.readHead().status()).isEqualTo(200);
    }
    assertReportedOnce(call, "499", "cancelled");
  }

  private void providerErrorAfterContent(Call call) throws IOException {
    runs.setScript(ScriptedRuns.eventStream(CHUNK));
    try (RawHttpConnection wire = send(call)) {
      assertThat(wire.readResponse().text()).contains("event: error\n");
    }
    assertReportedOnce(call, "502", "broken");
  }

  private void disconnectAfterContent(Call call) throws IOException {
    runs.setScript((_, out) -> write(out, FakeUpstream.events() + CHUNK));
    try (RawHttpConnection wire = send(call)) {
      assertThat(wire.readHead().status()).isEqualTo(200);
      assertThat(wire.readChunk()).isEqualTo(CHUNK);
    }
    assertReportedOnce(call, "499", "cancelled");
  }

  /// Waits for the request of the current call, and takes those of earlier calls.
  private void awaitUpstreamCall() throws InterruptedException {
    FakeUpstream.Request _ = runs.upstream().request();
  }

  private static void respond(FakeUpstream.Request request, OutputStream out) throws IOException {
    if (request.requestLine().contains("/embeddings")) {
      write(out, FakeUpstream.json(EMBEDDINGS));
    } else if (request.body().startsWith("{")
        && ScriptedRuns.json(request).path("stream").booleanValue(false)) {
      write(out, FakeUpstream.events() + STREAM);
      out.close();
    } else {
      write(out, FakeUpstream.json(COMPLETION));
    }
  }

  private RawHttpConnection send(Call call) throws IOException {
    takeUpstreamCalls();
    Body body = call.body();
    RawHttpConnection wire = new RawHttpConnection(runs.server().url().getPort());
    wire.sendRaw(
        """
        %s %s HTTP/1.1\r
        Host: localhost\r
        X-Api-Key: %s\r
        Content-Type: %s\r
        Content-Length: %d\r
        \r
        """
            .formatted(
                call.method(),
                call.path(),
                runs.server().adminKey(),
                body.contentType(),
                body.text().length()));
    return wire.sendRaw(body.text());
  }

  private void takeUpstreamCalls() {
    try {
      while (!runs.upstream().isIdle()) {
        FakeUpstream.Request _ = runs.upstream().request();
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void assertReportedOnce(Call call, String status, String outcome) {
    assertThat(
            Await.until(
                call + " is logged", () -> logLines(call, outcome).toList(), it -> !it.isEmpty()))
        .as(call.path())
        .singleElement()
        .satisfies(line ->
            assertThat(line)
                .containsEntry("status", status)
                .containsEntry("provider", call.provider())
                .containsEntry("attempts", "1")
                .containsEntry("outcome", outcome));
    assertThat(callCounts(call, outcome))
        .as(call.path())
        .containsExactly(
            "agentlab_model_call_duration_seconds_count{model=\"%s\",outcome=\"%s\",provider=\"%s\"} 1"
                .formatted(
                    outcome.equals("success") ? call.model() : "other", outcome, call.provider()));
  }

  private Stream<Map<String, String>> logLines(Call call, String outcome) {
    return log.lines().stream()
        .map(line ->
            line.getKeyValuePairs().stream()
                .collect(Collectors.toMap(it -> it.key, it -> String.valueOf(it.value))))
        .filter(fields -> fields.getOrDefault("provider", "").equals(call.provider()))
        .filter(fields -> fields.getOrDefault("outcome", "").equals(outcome));
  }

  private List<String> callCounts(Call call, String outcome) {
    return runs.client()
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("agentlab_model_call_duration_seconds_count"))
        .filter(line -> line.contains(call.provider()))
        .filter(line -> line.contains("outcome=\"%s\"".formatted(outcome)))
        .toList();
  }
}
