package dev.agentlab.conformance;

import dev.agentlab.conformance.ConformanceServer.Settings;
import dev.agentlab.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What the programs of Java clients share.
final class Scenarios {
  static final String TOOL_RESULT = "17 degrees";

  /// A client without another way to leave a call gives up after this time.
  static final Duration ABORT_TIMEOUT = Duration.ofMillis(1_500);

  /// The action of a scenario.
  @FunctionalInterface
  interface Action {
    /// Returns the observation.
    Map<String, @Nullable Object> run(String scenario) throws Exception;
  }

  private Scenarios() {}

  /// Runs scenarios and returns a result for each.
  ///
  /// @param actions by scenario; `error-` is for all that begin so
  static List<JsonNode> run(Map<String, Action> actions, List<String> scenarios) {
    return scenarios.stream().map(it -> run(actions, it)).toList();
  }

  private static JsonNode run(Map<String, Action> actions, String scenario) {
    ObjectNode result = Json.MAPPER.createObjectNode().put("scenario", scenario);
    String name = scenario.replaceFirst("^(error|cut)-.*", "$1-");
    Action action = actions.get(name);
    if (action == null) {
      return result.put("crash", "no such scenario");
    }
    try {
      return result.set("observed", Json.MAPPER.valueToTree(action.run(scenario)));
    } catch (Exception | AssertionError e) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      return result.put("crash", trace.toString());
    }
  }

  /// Runs an action that should fail.
  ///
  /// @param observe describes the error
  static Map<String, @Nullable Object> error(
      Action action, String scenario, Function<Exception, Map<String, @Nullable Object>> observe) {
    try {
      Map<String, @Nullable Object> observed = new HashMap<>();
      observed.put("raised", null);
      observed.put("result", action.run(scenario));
      return observed;
    } catch (Exception e) {
      return observe.apply(e);
    }
  }

  /// Leaves a call and reports what the upstream saw.
  ///
  /// @param call returns when the client has given up
  static Map<String, @Nullable Object> aborted(Settings settings, Action call, String scenario)
      throws Exception {
    try {
      var _ = call.run(scenario);
    } catch (RuntimeException | ExecutionException e) {
      // The client gave up.
    }
    return Map.of(
        "received", control(settings, "received", scenario),
        "closed", control(settings, "closed", scenario));
  }

  /// Asks the mock whether the call of a scenario was `received` or its connection `closed`.
  static boolean control(Settings settings, String what, String scenario)
      throws IOException, InterruptedException {
    String model = settings.model(scenario);
    String upstream = model.substring(model.indexOf('/') + 1);
    URI url =
        settings
            .control()
            .resolve(
                "/control/%s/%s"
                    .formatted(what, URLEncoder.encode(upstream, StandardCharsets.UTF_8)));
    try (HttpClient http = HttpClient.newHttpClient()) {
      return Boolean.parseBoolean(
          http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString()).body());
    }
  }
}
