package dev.agentlab.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.agentlab.json.Json;
import dev.agentlab.llm.Option;
import dev.agentlab.llm.ProviderKind;
import dev.agentlab.llm.ProviderKinds;
import dev.agentlab.server.Canaries;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.upstream.FakeUpstream;
import dev.agentlab.vault.TestVault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Secrets are given wherever one can be given, every route there is is called well and badly, and
/// none turns up in anything that the service says, logs, counts or keeps.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeakIT {
  /// Whose level the service's log does not lower, whatever is configured.
  private static final List<String> QUIET =
      List.of("io.netty", "io.vertx", "com.zaxxer.hikari", "software.amazon.awssdk");

  /// Commands that have to succeed, or what they show is not seen.
  private static final Set<String> SHOWING = Set.of("key", "audit", "secrets");

  private final Canaries canaries = new Canaries();
  private final TestServer server = new TestServer();
  private final AtomicInteger calls = new AtomicInteger();

  private final Echo echo = new Echo();
  private final FakeUpstream upstream = FakeUpstream.answering(echo);
  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  /// What was seen, by where.
  private final Map<String, String> seen = new TreeMap<>();

  private final List<String> providers = new ArrayList<>();
  private final List<String> agents = new ArrayList<>();

  @BeforeAll
  void driveEverything() {
    canaries.known("the database's password", server.databasePassword());
    log.start();
    root.setLevel(Level.TRACE);
    QUIET.forEach(name -> ((Logger) LoggerFactory.getLogger(name)).setLevel(Level.WARN));
    root.addAppender(log);
    server.start();
    canaries.known("the wrapping key", TestVault.KEY.reveal());
    canaries.known("the admin key", secretPart(server.adminKey()));
    plantKeys();
    ProviderKinds.standard().all().forEach(this::plantProviders);
    runAgents();
    JsonNode paths = server.client().get("/openapi.json").json().get("paths");
    paths.forEachEntry((path, operations) ->
        operations.propertyNames().stream()
            .filter(method -> !method.equals("delete"))
            .forEach(method -> misuse(method, path)));
    misspeak();
    see("GET /metrics", server.client().get("/metrics"));
    commands();
    paths.forEachEntry((path, operations) -> {
      if (operations.has("delete")) {
        misuse("delete", path);
      }
    });
  }

  @AfterAll
  void stop() throws IOException {
    root.detachAppender(log);
    QUIET.forEach(name -> ((Logger) LoggerFactory.getLogger(name)).setLevel(null));
    root.setLevel(Level.INFO);
    server.stop();
    upstream.close();
  }

  @Test
  void noAnswerMetricOrOutputOfACommandHoldsASecret() {
    assertThat(seen).hasSizeGreaterThan(100);
    assertThat(echo.count()).isGreaterThan(100);
    assertThat(leaks(seen)).isEmpty();
  }

  @Test
  void noAnswerIsAWebPage() {
    assertThat(seen.values()).noneMatch(it -> it.contains("content-type: text/html"));
  }

  @Test
  void noLineOfTheLogHoldsASecret() {
    Map<String, String> lines = new LinkedHashMap<>();
    for (ILoggingEvent event : List.copyOf(log.list)) {
      lines.put(
          lines.size() + " " + event.getLevel() + " " + event.getLoggerName(),
          event.getFormattedMessage()
              + event.getMDCPropertyMap()
              + event.getKeyValuePairs()
              + (event.getThrowableProxy() == null
                  ? ""
                  : ThrowableProxyUtil.asString(event.getThrowableProxy())));
    }
    assertThat(lines).isNotEmpty();
    assertThat(leaks(lines)).isEmpty();
  }

  @Test
  void noTableOfTheDatabaseHoldsASecret() {
    Map<String, String> dump = server.dump();

    assertThat(dump).hasSizeGreaterThan(4);
    assertThat(leaks(dump)).isEmpty();
  }

  @Test
  void aLeakPlantedOnPurposeIsFoundWhereverItIs() {
    String secret = canaries.plant("on purpose");
    String name = Json.MAPPER.writeValueAsString("shows " + secret);
    Answer answer =
        server
            .client()
            .post("/api/providers", "{\"name\": %s, \"config\": %s}".formatted(name, ollama("x")));
    assertThat(answer.status()).isEqualTo(201);
    LoggerFactory.getLogger(LeakIT.class).debug("a secret {}", secret);

    assertThat(canaries.in(answer.text())).containsExactly("on purpose");
    assertThat(leaks(server.dump()).toString()).contains("on purpose");
    assertThat(log.list)
        .anyMatch(it -> canaries.in(it.getFormattedMessage()).contains("on purpose"));
    // It stays where it was planted: in the log and, as the name of a provider, in the record.
    canaries.forget("on purpose");
  }

  private List<String> leaks(Map<String, String> texts) {
    List<String> leaks = new ArrayList<>();
    texts.forEach((where, text) ->
        canaries
            .in(text)
            .forEach(secret -> leaks.add(where + " holds what was given as " + secret)));
    return leaks;
  }

  private void see(String what, Answer answer) {
    seen.put(
        "%04d %s: %d".formatted(seen.size(), what, answer.status()),
        fields(answer) + answer.text());
  }

  private static String fields(Answer answer) {
    StringBuilder fields = new StringBuilder();
    answer
        .response()
        .headers()
        .map()
        .forEach((name, values) ->
            fields.append(
                "%s: %s\n".formatted(name.toLowerCase(Locale.ROOT), String.join(", ", values))));
    return fields.toString();
  }

  /// Keys made and rotated, whose one answer that shows them is not looked at.
  private void plantKeys() {
    Answer made =
        server
            .client()
            .post("/api/keys", "{\"name\": \"a key\", \"scopes\": [\"providers:read\"]}");
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    String path = made.header("Location");
    Answer rotated = server.client().post(path + "/rotate", "{}");
    assertThat(rotated.status()).as(rotated.text()).isEqualTo(200);
    for (Answer answer : List.of(made, rotated)) {
      String key = answer.json().get("key").asString();
      canaries.known("a key " + answer.status(), secretPart(key));
      see("GET with a key", server.client().as(key).get("/api/providers"));
      see("POST with a key", server.client().as(key).post("/api/providers", "{}"));
    }
    send("GET", path, "");
    send("GET", "/api/keys", "");
    send("DELETE", path, "");
    see(
        "GET with a revoked key",
        server.client().as(rotated.json().get("key").asString()).get(path));
  }

  /// What of a key opens the door; what stands before it everyone may see.
  private static String secretPart(String key) {
    return key.substring(key.lastIndexOf('_') + 1);
  }

  /// A provider of the kind for each way to prove who calls, registered and in an agent of its own.
  private void plantProviders(ProviderKind kind) {
    List<String> ways =
        kind.options().stream()
            .filter(option -> option.name().equals("auth_type"))
            .findFirst()
            .map(Option::choices)
            .orElse(List.of(""));
    for (String way : ways) {
      String name = (kind.name() + " " + way).strip();
      Answer provider = send("POST", "/api/providers", named(name, config(kind, way, name)));
      assertThat(provider.status()).as(provider.text()).isEqualTo(201);
      String id = provider.json().get("id").asString();
      providers.add(id);
      send("GET", "/api/providers/" + id, "");
      send("POST", "/api/providers/" + id + "/probe", "");
      send("GET", "/api/providers/" + id + "/models", "");
      ObjectNode probed = Json.MAPPER.createObjectNode();
      probed.set("config", config(kind, way, "probed " + name));
      send("POST", "/api/providers/probe", probed.toString());
      send("PUT", "/api/providers/" + id, named(name, config(kind, way, "replaced " + name)));

      agent("following " + name, "\"provider_id\": \"" + id + "\"");
      agent("inline " + name, "\"provider\": " + config(kind, way, "inline " + name));
    }
    send("POST", "/api/providers", named(kind.name(), at(kind, "http://u:%s@127.0.0.1/")));
    send("POST", "/api/providers", named(kind.name(), at(kind, "http://127.0.0.1/?key=%s")));
    send("POST", "/api/providers", named(kind.name(), at(kind, "http://127.0.0.1/#%s")));
  }

  private void agent(String name, String provider) {
    Answer made =
        send(
            "POST",
            "/api/agents",
            ("{\"name\": \"%s\", \"config\": {%s, \"model\": {\"name\": \"m\"},"
                    + " \"client\": {\"retry\": {\"max_retries\": 0}}}}")
                .formatted(name, provider));
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    agents.add(made.json().get("id").asString());
  }

  private void runAgents() {
    for (String id : agents) {
      for (String way : List.of("chat", "chat/stream", "tools", "embed")) {
        ObjectNode body = Json.MAPPER.createObjectNode();
        body.put("token", canaries.plant("the token of a run by " + way));
        body.set(
            way.equals("embed") ? "input" : "prompt",
            Json.MAPPER.valueToTree(way.equals("embed") ? List.of("a") : "a"));
        if (way.equals("tools")) {
          body.putArray("tools");
        }
        String path = "/api/agents/%s/%s".formatted(id, way);
        send("POST", path, body.toString());
        body.remove("token");
        send("POST", path, body.toString());
      }
      send("GET", "/api/agents/" + id, "");
      send("GET", "/api/agents/" + id + "/revisions", "");
    }
  }

  /// Calls a route with secrets where none belongs.
  private void misuse(String method, String path) {
    String filled =
        path.replace("{id}", path.contains("agents") ? agents.getFirst() : providers.getFirst())
            .replace("{revision}", "1")
            .replaceAll("\\{[^}]*}", "none");
    String at = method + " " + path;
    String query = "?token=" + encoded(canaries.plant("a query of " + at));
    List<String> bodies =
        List.of(
            "",
            "{\"token\": " + text("an unfinished body of " + at),
            "{\"token\" " + text("a malformed body of " + at) + "}",
            "{\"x\": " + canaries.plantPlain("a bare word to " + at) + "}",
            "{\"token\": {\"a\": [%s]}}".formatted(text("an object as token to " + at)),
            "{\"name\": 5, \"config\": {\"name\": \"ollama\", \"options\": {\"token\": %s}}}"
                .formatted(text("a refused config to " + at)),
            "{\"name\": \"x\", \"config\": {\"name\": \"none\", \"options\": {\"api_key\": %s}}}"
                .formatted(text("an unknown kind to " + at)),
            "{\"prompt\": 1, \"token\": %s}".formatted(text("a refused run to " + at)),
            text("text for an object to " + at),
            "[" + text("a list for an object to " + at) + "]");
    for (String body : bodies) {
      sendTo(method, filled, body);
      sendTo(method, filled + query, body, "Idempotency-Key", "k" + calls.incrementAndGet());
      sendTo(method, filled, body, "Cookie", "session=" + canaries.plantPlain("a cookie to " + at));
    }
    for (String header : List.of("Authorization", "X-Api-Key", "Proxy-Authorization")) {
      String key = canaries.plant(header + " of " + at);
      sendTo(method, filled, bodies.getLast(), header, "Bearer " + key);
      sendTo(
          method,
          filled,
          "",
          header,
          "Basic " + Base64.getEncoder().encodeToString(("u:" + key).getBytes(UTF_8)));
      sendTo(method, filled, "", header, key);
    }
    String wrongType = text("a wrong type to " + at);
    for (String type :
        List.of("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x")) {
      sendTo(method, filled, wrongType, "Content-Type", type);
    }
  }

  /// Sends what is no HTTP, with secrets in it.
  private void misspeak() {
    for (String pattern :
        List.of(
            "%s\r\n\r\n",
            "GET /?token=%s HTTP/9.9\r\n\r\n",
            "GET /%%zz?token=%s HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: %s\u0001\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: %s\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: %s/@\r\n\r\n",
            "POST /api/providers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n")) {
      String secret = canaries.plantPlain("what is no HTTP: " + pattern.strip());
      try (Socket socket =
          new Socket(InetAddress.getLoopbackAddress(), server.client().base().getPort())) {
        socket.setSoTimeout(5_000);
        socket.getOutputStream().write(pattern.formatted(secret).getBytes(UTF_8));
        socket.shutdownOutput();
        seen.put(pattern, new String(socket.getInputStream().readAllBytes(), UTF_8));
      } catch (IOException e) {
        seen.put(pattern, "no answer");
      }
    }
  }

  private void commands() {
    CommandRun.With service =
        new CommandRun.With(
            Map.of(
                "AGENT_LAB_URL", server.client().base().toString(),
                "AGENT_LAB_KEY", server.adminKey(),
                "DATABASE_PASSWORD", canaries.plantPlain("the environment")),
            Path.of("").toAbsolutePath(),
            "",
            Optional.empty(),
            false);
    String id = keyMadeBy(service);
    List<List<String>> commands =
        List.of(
            List.of("provider", "list"),
            List.of("provider", "list", "--json"),
            List.of("provider", "show", providers.getFirst()),
            List.of("provider", "show", providers.getFirst(), "--json"),
            List.of("provider", "models", providers.getFirst()),
            List.of("provider", "probe", providers.getFirst()),
            List.of("agent", "list", "--json"),
            List.of("agent", "show", agents.getLast(), "--json"),
            List.of("agent", "revisions", agents.getLast(), "--json"),
            List.of("config"),
            List.of("config", "--json"),
            List.of("doctor"),
            List.of("doctor", "--json"),
            List.of("key", "list"),
            List.of("key", "list", "--json"),
            List.of("key", "show", id),
            List.of("key", "show", id, "--json"),
            List.of("key", "self"),
            List.of("key", "self", "--json"),
            List.of("audit", "list"),
            List.of("audit", "list", "--json"),
            List.of("audit", "verify"),
            List.of("audit", "verify", "--json"),
            List.of("secrets", "status"),
            List.of("secrets", "status", "--json"));
    for (List<String> command : commands) {
      CommandRun run = service.run(command.toArray(String[]::new));
      assertThat(SHOWING.contains(command.getFirst()) && run.code() != 0).as(run.err()).isFalse();
      seen.put(String.join(" ", command), run.out() + run.err());
    }
  }

  /// Has a command make a key, whose output, which shows it, is not looked at.
  private String keyMadeBy(CommandRun.With service) {
    CommandRun made =
        service.run("key", "create", "by a command", "--scope", "providers:read", "--json");
    assertThat(made.code()).as(made.err()).isZero();
    canaries.known("a key made by a command", secretPart(made.json().get("key").asString()));
    return made.json().get("id").asString();
  }

  private Answer send(String method, String path, String body) {
    return sendTo(method, path, body);
  }

  private Answer sendTo(String method, String path, String body, String... headers) {
    BiFunction<String, String, Answer> call =
        switch (method.toUpperCase(Locale.ROOT)) {
          case "GET" -> (to, _) -> server.client().get(to, headers);
          case "DELETE" -> (to, _) -> server.client().delete(to, headers);
          case "PUT" -> (to, json) -> server.client().put(to, json, headers);
          default -> (to, json) -> server.client().post(to, json, headers);
        };
    Answer answer = call.apply(path, body);
    see(method + " " + path.replaceAll("\\?.*", "?…"), answer);
    return answer;
  }

  private ObjectNode config(ProviderKind kind, String way, String where) {
    ObjectNode options = Json.MAPPER.createObjectNode();
    for (Option option : kind.options()) {
      if (option.type() == Option.Type.SECRET) {
        options.put(option.name(), canaries.plant("options." + option.name() + " of " + where));
      } else if (option.name().equals("auth_type")) {
        options.put("auth_type", way);
      } else if (SAMPLES.containsKey(option.name())) {
        options.put(option.name(), SAMPLES.get(option.name()));
      }
    }
    options.put("spare_api_key", canaries.plant("an option nobody declared of " + where));
    ObjectNode config = Json.MAPPER.createObjectNode();
    config.put("name", kind.name()).put("base_url", upstream.url("/v1").toString());
    config.set("options", options);
    return config;
  }

  private static final Map<String, String> SAMPLES =
      Map.of(
          "deployment", "d",
          "api_version", "2024-10-21",
          "auth_header", "X-Key",
          "region", "us-east-1",
          "access_key_id", "AKIAIOSFODNN7EXAMPLE");

  private JsonNode at(ProviderKind kind, String pattern) {
    ObjectNode config = Json.MAPPER.createObjectNode();
    String secret = canaries.plantPlain("base_url of " + kind.name() + ", as in " + pattern);
    return config.put("name", kind.name()).put("base_url", pattern.formatted(secret));
  }

  private static String ollama(String host) {
    return "{\"name\": \"ollama\", \"base_url\": \"http://%s\"}".formatted(host);
  }

  private static String named(String name, JsonNode config) {
    return "{\"name\": %s, \"config\": %s}".formatted(Json.MAPPER.writeValueAsString(name), config);
  }

  private String text(String where) {
    return Json.MAPPER.writeValueAsString(canaries.plant(where));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}
