package dev.agentlab.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.agentlab.json.Json;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// The APIs of OpenAI, Anthropic, Gemini and Bedrock Converse on loopback, with one folder each:
/// `/openai/v1`. OpenAI's Responses API has a folder of its own, and keeps responses. The name of a
/// model, `gpt-4o.<scenario>.<client>`, selects the responses; all requests are recorded by it.
///
/// Clients that abort a call ask `/control/received/<model>` before it, which returns when the call
/// has arrived, and `/control/closed/<model>` after it, which returns whether its connection has
/// been closed.
final class MockVendors implements AutoCloseable {
  static final String KEY = "sk-mock-0123456789abcdef";

  /// How long a call may take to arrive.
  private static final Duration ARRIVAL_TIMEOUT = Duration.ofSeconds(20);

  /// How long after an abort the connection may stay open. Shorter than the timeout for responses
  /// in [dev.agentlab.server.TestServer], which would close it too.
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);

  /// Longer than agent-lab lets a client wait without a byte.
  private static final Duration IDLE_TIME = Duration.ofSeconds(16);

  private static final JsonNode NO_BODY = MissingNode.getInstance();

  private static final Pattern MODEL_IN_PATH = Pattern.compile("/models?/([^/:?]+)");

  /// The responses of scenarios with several calls, or with those of another.
  private static final Map<String, List<String>> RESPONSES =
      Map.ofEntries(
          Map.entry("agent", List.of("chat")),
          Map.entry("automatic", List.of("tools", "chat")),
          Map.entry("beta", List.of("chat")),
          Map.entry("cancel", List.of("background")),
          Map.entry("cline", List.of("cline-1-stream", "cline-2-stream", "edit-3-stream")),
          Map.entry("codex", List.of("codex-1-stream", "codex-2-stream", "edit-3-stream")),
          Map.entry("conversation", List.of("chat")),
          Map.entry("conversation-stream", List.of("stream")),
          Map.entry("custom", List.of("custom", "chat")),
          Map.entry("custom-stream", List.of("custom-stream", "stream")),
          Map.entry("document", List.of("chat")),
          Map.entry("embeddings-float", List.of("embeddings")),
          Map.entry("foreign", List.of("chat")),
          Map.entry("gemini", List.of("edit-1-stream", "edit-2-stream", "edit-3-stream")),
          Map.entry("image", List.of("chat")),
          Map.entry("instructions", List.of("chat")),
          Map.entry("not-cancellable", List.of("chat")),
          Map.entry("opencode", List.of("opencode-1-stream", "opencode-2-stream", "edit-3-stream")),
          Map.entry("parallel-results", List.of("parallel", "chat")),
          Map.entry("retry-advice", List.of("retry-advice", "chat")),
          Map.entry("retry-info", List.of("retry-advice")),
          Map.entry("rounds", List.of("round-1", "round-2", "chat")),
          Map.entry("rounds-stored", List.of("round-1", "round-2", "chat")),
          Map.entry("rounds-stored-stream", List.of("round-1-stream", "round-2-stream", "stream")),
          Map.entry("rounds-stream", List.of("round-1-stream", "round-2-stream", "stream")),
          Map.entry("session", List.of("round-1", "round-2", "chat")),
          Map.entry("session-stream", List.of("round-1-stream", "round-2-stream", "stream")),
          Map.entry("stored", List.of("chat")),
          Map.entry("stream-events", List.of("stream")),
          Map.entry("stream-helper", List.of("stream")),
          Map.entry("stream-text", List.of("stream")),
          Map.entry("stream-usage", List.of("stream")),
          Map.entry("structured-json", List.of("structured")),
          Map.entry("system", List.of("chat")),
          Map.entry("text-completion", List.of("chat")),
          Map.entry("text-completion-stream", List.of("stream")),
          Map.entry("tool-usage", List.of("tools", "reasoning")),
          Map.entry("tools", List.of("tools", "chat")),
          Map.entry("tools-stored", List.of("tools", "chat")),
          Map.entry("turns", List.of("reasoning", "chat")),
          Map.entry("turns-stream", List.of("reasoning-stream", "stream")));

  /// What goes wrong at the first call of a scenario whose name ends so.
  private static final Map<String, String> FAULTS =
      Map.of("-after-cut", "cut-4-reset", "-after-limit", "rate-limit");

  /// A received call of a model.
  ///
  /// @param nanoTime when it was received
  record Call(String vendor, FakeUpstream.Request request, JsonNode body, long nanoTime) {}

  private final FakeUpstream upstream = FakeUpstream.start(this::respond);
  private final ConcurrentMap<String, List<Call>> calls = new ConcurrentHashMap<>();
  private final MockResponses responses = new MockResponses();
  private final Set<Integer> closedConnections = ConcurrentHashMap.newKeySet();
  private final Thread monitor = Thread.ofVirtual().start(this::recordDisconnects);

  /// The base URL of a vendor's API.
  URI url(String path) {
    return upstream.url(path);
  }

  /// The calls of a model, in order.
  List<Call> calls(String model) {
    return List.copyOf(calls.getOrDefault(model, List.of()));
  }

  @Override
  public void close() throws IOException {
    monitor.interrupt();
    upstream.close();
  }

  private void recordDisconnects() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        closedConnections.add(upstream.disconnect());
      } catch (AssertionError e) {
        // None for a while.
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void respond(FakeUpstream.Request request, OutputStream out) throws IOException {
    String path = request.requestLine().split(" ", -1)[1];
    String vendor = path.split("/", -1)[1];
    if (vendor.equals("control")) {
      respondToControl(path, out);
    } else if (path.startsWith(MockResponses.PATH + "/resp_")) {
      addCall(responses.model(path), new Call(vendor, request, NO_BODY, System.nanoTime()));
      out.write(responses.respond(request.requestLine()));
    } else if (request.body().isEmpty()) {
      out.write(models(vendor, path));
    } else {
      respondToCall(vendor, path, request, out);
    }
    out.flush();
  }

  private void respondToControl(String path, OutputStream out) throws IOException {
    String model = URLDecoder.decode(path.substring(path.lastIndexOf('/') + 1), UTF_8);
    boolean wantsClosed = path.startsWith("/control/closed/");
    Duration timeout = wantsClosed ? CLOSE_TIMEOUT : ARRIVAL_TIMEOUT;
    long start = System.nanoTime();
    boolean reached = isReached(model, wantsClosed);
    while (!reached && System.nanoTime() - start < timeout.toNanos()) {
      FakeUpstream.pause(Duration.ofMillis(5));
      reached = isReached(model, wantsClosed);
    }
    out.write(FakeUpstream.json(Boolean.toString(reached)).getBytes(UTF_8));
  }

  private boolean isReached(String model, boolean wantsClosed) {
    List<Call> received = calls(model);
    return !received.isEmpty()
        && (!wantsClosed || closedConnections.contains(received.getLast().request().connection()));
  }

  /// The list of models, or the one that the path names.
  private static byte[] models(String vendor, String url) {
    String path = url.replaceFirst("\\?.*", "");
    MockMessage list = file(vendor, "models");
    int name = path.indexOf("/models/");
    if (name < 0) {
      return list.bytes();
    }
    String id = URLDecoder.decode(path.substring(name + "/models/".length()), UTF_8);
    JsonNode body = Json.MAPPER.readTree(list.body());
    JsonNode models = body.path(vendor.equals("gemini") ? "models" : "data");
    return models
        .valueStream()
        .filter(model ->
            model.path("id").asString("").equals(id)
                || model.path("name").asString("").equals("models/" + id))
        .findFirst()
        .map(model -> FakeUpstream.json(model.toString()).getBytes(UTF_8))
        .orElseGet(() -> file(vendor, "error-404").bytes());
  }

  private void respondToCall(
      String vendor, String path, FakeUpstream.Request request, OutputStream out)
      throws IOException {
    JsonNode body = Json.MAPPER.readTree(request.body());
    String model = model(path, body);
    int count = addCall(model, new Call(vendor, request, body, System.nanoTime()));
    String[] parts = model.split("\\.", -1);
    String scenario = parts[parts.length - 2];
    List<String> names = responses(scenario);
    String name = names.get(Math.min(count, names.size()) - 1);
    boolean isResponse = path.startsWith(MockResponses.PATH);
    String folder = isResponse ? MockResponses.FOLDER : vendor;
    if (scenario.startsWith("abort")) {
      abortable(folder, scenario, out);
    } else if (name.startsWith("cut")) {
      cut(folder, name, out);
    } else if (scenario.equals("idle")) {
      idle(folder, out);
    } else if (isResponse) {
      out.write(responses.create(model, body, file(folder, name)));
    } else if (body.path("encoding_format").asString("").equals("base64")) {
      out.write(file(vendor, name + "-base64").bytes());
    } else {
      MockMessage message = file(vendor, name);
      boolean showsUsage =
          !vendor.equals("openai") || body.at("/stream_options/include_usage").asBoolean(false);
      out.write((showsUsage ? message : message.withoutUsage()).bytes());
    }
  }

  /// Records a call of a model, and returns the number of its calls so far.
  private int addCall(String model, Call call) {
    List<Call> received =
        calls.computeIfAbsent(model, _ -> Collections.synchronizedList(new ArrayList<>()));
    received.add(call);
    return received.size();
  }

  private static String model(String path, JsonNode body) {
    if (body.has("model")) {
      return body.get("model").asString().replaceFirst("^models/", "");
    }
    Matcher matcher = MODEL_IN_PATH.matcher(path);
    if (!matcher.find()) {
      throw new IllegalArgumentException(path);
    }
    return URLDecoder.decode(matcher.group(1), UTF_8);
  }

  /// Sends nothing, or the start of a stream, and no end.
  private static void abortable(String vendor, String scenario, OutputStream out)
      throws IOException {
    if (scenario.equals("abort-streaming")) {
      MockMessage stream = file(vendor, "stream");
      out.write(stream.chunked(lengthOfStart(stream)));
    }
  }

  /// Ends a stream early: `cut-<n>-reset` in the middle of a message of HTTP, `cut-<n>-close` as if
  /// the response were complete.
  private static void cut(String vendor, String name, OutputStream out) throws IOException {
    String[] parts = name.split("-", -1);
    MockMessage stream = file(vendor, "stream").withoutUsage();
    int length = length(stream, Integer.parseInt(parts[1]));
    if (parts[2].equals("reset")) {
      out.write(stream.chunked(length));
    } else {
      out.write(stream.closingHead());
      out.write(stream.body(), 0, length);
    }
    out.flush();
    out.close();
  }

  /// Pauses in the middle of a stream.
  private static void idle(String vendor, OutputStream out) throws IOException {
    MockMessage stream = file(vendor, "stream");
    int started = lengthOfStart(stream);
    byte[] body = stream.body();
    out.write(stream.closingHead());
    out.write(body, 0, started);
    out.flush();
    FakeUpstream.pause(IDLE_TIME);
    out.write(body, started, body.length - started);
    out.flush();
    out.close();
  }

  /// The number of bytes up to the first text.
  private static int lengthOfStart(MockMessage stream) {
    int length = 0;
    for (byte[] part : stream.parts()) {
      length += part.length;
      if (new String(part, UTF_8).contains("Grü")) {
        return length;
      }
    }
    throw new IllegalArgumentException("no text");
  }

  /// The number of bytes of a body before a cut: none; in the first event; after the second; in the
  /// middle of a character; before the end.
  private static int length(MockMessage stream, int cut) {
    List<byte[]> parts = stream.parts();
    return switch (cut) {
      case 0 -> 0;
      case 1 -> parts.get(0).length / 2;
      case 2 -> parts.get(0).length + parts.get(1).length;
      case 3 -> indexOfMultiByteCharacter(stream.body()) + 1;
      case 4 -> stream.body().length / 4 * 3;
      default -> throw new IllegalArgumentException(Integer.toString(cut));
    };
  }

  private static int indexOfMultiByteCharacter(byte[] body) {
    int index = 0;
    while (body[index] >= 0) {
      index++;
    }
    return index;
  }

  /// The names of the responses of a scenario, in order.
  static List<String> responses(String scenario) {
    for (Map.Entry<String, String> fault : FAULTS.entrySet()) {
      if (scenario.endsWith(fault.getKey())) {
        List<String> names = new ArrayList<>(List.of(fault.getValue()));
        names.addAll(responses(scenario.substring(0, scenario.lastIndexOf(fault.getKey()))));
        return names;
      }
    }
    return RESPONSES.getOrDefault(scenario, List.of(scenario));
  }

  /// A response of a vendor. OpenAI's APIs have the same errors.
  static MockMessage file(String vendor, String name) {
    return MockMessage.read(vendor, name)
        .or(() ->
            vendor.equals(MockResponses.FOLDER)
                ? MockMessage.read("openai", name)
                : Optional.empty())
        .orElseThrow(() -> new IllegalArgumentException("no mock/%s/%s".formatted(vendor, name)));
  }
}
