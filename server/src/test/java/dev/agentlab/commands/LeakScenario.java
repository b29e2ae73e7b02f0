package dev.agentlab.commands;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.cli.CommandRun;
import dev.agentlab.json.Json;
import dev.agentlab.kinds.Option;
import dev.agentlab.kinds.ProviderKind;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.server.Canaries;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Sends secrets in every place that accepts one, and calls every route with valid and invalid
/// requests.
final class LeakScenario {
  /// Commands that must succeed, because otherwise their output is not checked.
  private static final Set<String> REQUIRED_COMMANDS = Set.of("key", "audit", "secrets");

  private static final Map<String, String> SAMPLES =
      Map.of(
          "deployment", "d",
          "api_version", "2024-10-21",
          "auth_header", "X-Key",
          "region", "us-east-1",
          "access_key_id", "AKIAIOSFODNN7EXAMPLE");

  private final Canaries canaries;
  private final TestServer server;
  private final FakeUpstream upstream;
  private final LeakRecorder recorder;
  private final AtomicInteger calls = new AtomicInteger();
  private final List<String> providers = new ArrayList<>();
  private final List<String> agents = new ArrayList<>();

  LeakScenario(Canaries canaries, TestServer server, FakeUpstream upstream, LeakRecorder recorder) {
    this.canaries = canaries;
    this.server = server;
    this.upstream = upstream;
    this.recorder = recorder;
  }

  void run() {
    canaries.known("the admin key", secretPart(server.adminKey()));
    plantKeys();
    ProviderKinds.standard().all().forEach(this::plantProviders);
    plantOptions();
    runAgents();
    JsonNode paths = server.client().get("/openapi.json").json().get("paths");
    paths.forEachEntry((path, operations) ->
        operations.propertyNames().stream()
            .filter(method -> !method.equals("delete"))
            .forEach(method -> misuse(method, path)));
    sendInvalidHttp();
    recorder.record("GET /metrics", server.client().get("/metrics"));
    runCommands();
    paths.forEachEntry((path, operations) -> {
      if (operations.has("delete")) {
        misuse("delete", path);
      }
    });
  }

  /// Creates and rotates keys. The responses that contain the keys are not checked.
  private void plantKeys() {
    Answer created =
        server
            .client()
            .post("/api/keys", "{\"name\": \"a key\", \"scopes\": [\"providers:read\"]}");
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    String path = created.header("Location");
    Answer rotated = server.client().post(path + "/rotate", "{}");
    assertThat(rotated.status()).as(rotated.text()).isEqualTo(200);
    for (Answer answer : List.of(created, rotated)) {
      String key = answer.json().get("key").asString();
      canaries.known("a key " + answer.status(), secretPart(key));
      recorder.record("GET with a key", server.client().as(key).get("/api/providers"));
      recorder.record("POST with a key", server.client().as(key).post("/api/providers", "{}"));
    }
    recorder.send("GET", path, "");
    recorder.send("GET", "/api/keys", "");
    recorder.send("DELETE", path, "");
    recorder.record(
        "GET with a revoked key",
        server.client().as(rotated.json().get("key").asString()).get(path));
  }

  /// The secret part of a key. The prefix before it is public.
  private static String secretPart(String key) {
    return key.substring(key.lastIndexOf('_') + 1);
  }

  /// Creates a provider of the kind for each authentication type, both registered and inline in an
  /// agent.
  private void plantProviders(ProviderKind kind) {
    List<String> ways =
        kind.options().stream()
            .filter(option -> option.name().equals("auth_type"))
            .findFirst()
            .map(Option::choices)
            .orElse(List.of(""));
    for (String way : ways) {
      String name = (kind.name() + " " + way).strip();
      Answer provider =
          recorder.send("POST", "/api/providers", named(name, config(kind, way, name)));
      assertThat(provider.status()).as(provider.text()).isEqualTo(201);
      String id = provider.json().get("id").asString();
      providers.add(id);
      recorder.send("GET", "/api/providers/" + id, "");
      recorder.send("POST", "/api/providers/" + id + "/probe", "");
      recorder.send("GET", "/api/providers/" + id + "/models", "");
      ObjectNode probed = Json.MAPPER.createObjectNode();
      probed.set("config", config(kind, way, "probed " + name));
      recorder.send("POST", "/api/providers/probe", probed.toString());
      recorder.send(
          "PUT", "/api/providers/" + id, named(name, config(kind, way, "replaced " + name)));

      createAgent("following " + name, "\"provider_id\": \"" + id + "\"");
      createAgent("inline " + name, "\"provider\": " + config(kind, way, "inline " + name));
    }
    recorder.send("POST", "/api/providers", named(kind.name(), at(kind, "http://u:%s@127.0.0.1/")));
    recorder.send(
        "POST", "/api/providers", named(kind.name(), at(kind, "http://127.0.0.1/?key=%s")));
    recorder.send("POST", "/api/providers", named(kind.name(), at(kind, "http://127.0.0.1/#%s")));
  }

  private void createAgent(String name, String provider) {
    Answer created =
        recorder.send(
            "POST",
            "/api/agents",
            ("{\"name\": \"%s\", \"config\": {%s, \"model\": {\"name\": \"m\"},"
                    + " \"client\": {\"retry\": {\"max_retries\": 0}}}}")
                .formatted(name, provider));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    agents.add(created.json().get("id").asString());
  }

  /// Sends secrets in the request options of agents, which are rejected.
  private void plantOptions() {
    for (String pattern :
        List.of(
            "{\"data_sources\": [{\"authentication\": {\"type\": \"api_key\", \"key\": %s}}]}",
            "{\"data_sources\": [{\"connection_string\": %s}]}",
            "{\"extra_headers\": {\"Authorization\": %s}}")) {
      String config =
          "{\"name\": \"options\", \"config\": {\"provider_id\": \"%s\", \"model\": {\"name\": \"m\","
                  .formatted(providers.getFirst())
              + " \"capabilities\": {\"chat\": %s}}}}"
                  .formatted(
                      pattern.formatted(recorder.plantJson("options of an agent: " + pattern)));
      Answer created = recorder.send("POST", "/api/agents", config);
      assertThat(created.status()).as(created.text()).isEqualTo(400);
      Answer replaced = recorder.send("PUT", "/api/agents/" + agents.getFirst(), config);
      assertThat(replaced.status()).as(replaced.text()).isEqualTo(400);
    }
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
        recorder.send("POST", path, body.toString());
        body.remove("token");
        recorder.send("POST", path, body.toString());
      }
      recorder.send("GET", "/api/agents/" + id, "");
      recorder.send("GET", "/api/agents/" + id + "/revisions", "");
    }
  }

  /// Calls a route with secrets in unexpected places.
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
            "{\"token\": " + recorder.plantJson("an unfinished body of " + at),
            "{\"token\" " + recorder.plantJson("a malformed body of " + at) + "}",
            "{\"x\": " + canaries.plantPlain("an unquoted value to " + at) + "}",
            "{\"token\": {\"a\": [%s]}}"
                .formatted(recorder.plantJson("an object as token to " + at)),
            "{\"name\": 5, \"config\": {\"name\": \"ollama\", \"options\": {\"token\": %s}}}"
                .formatted(recorder.plantJson("a rejected config to " + at)),
            "{\"name\": \"x\", \"config\": {\"name\": \"none\", \"options\": {\"api_key\": %s}}}"
                .formatted(recorder.plantJson("an unknown kind to " + at)),
            "{\"prompt\": 1, \"token\": %s}"
                .formatted(recorder.plantJson("a rejected run to " + at)),
            recorder.plantJson("text for an object to " + at),
            "[" + recorder.plantJson("an array for an object to " + at) + "]");
    for (String body : bodies) {
      recorder.sendTo(method, filled, body);
      recorder.sendTo(
          method, filled + query, body, "Idempotency-Key", "k" + calls.incrementAndGet());
      recorder.sendTo(
          method, filled, body, "Cookie", "session=" + canaries.plantPlain("a cookie to " + at));
    }
    for (String header : List.of("Authorization", "X-Api-Key", "Proxy-Authorization")) {
      String key = canaries.plant(header + " of " + at);
      recorder.sendTo(method, filled, bodies.getLast(), header, "Bearer " + key);
      recorder.sendTo(
          method,
          filled,
          "",
          header,
          "Basic " + Base64.getEncoder().encodeToString(("u:" + key).getBytes(UTF_8)));
      recorder.sendTo(method, filled, "", header, key);
    }
    String wrongType = recorder.plantJson("a wrong type to " + at);
    for (String type :
        List.of("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x")) {
      recorder.sendTo(method, filled, wrongType, "Content-Type", type);
    }
  }

  /// Sends invalid HTTP that contains secrets.
  private void sendInvalidHttp() {
    for (String pattern :
        List.of(
            "%s\r\n\r\n",
            "GET /?token=%s HTTP/9.9\r\n\r\n",
            "GET /%%zz?token=%s HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: %s\u0001\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: %s\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: %s/@\r\n\r\n",
            "POST /api/providers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n")) {
      String secret = canaries.plantPlain("invalid HTTP: " + pattern.strip());
      try (Socket socket =
          new Socket(InetAddress.getLoopbackAddress(), server.client().base().getPort())) {
        socket.setSoTimeout(5_000);
        socket.getOutputStream().write(pattern.formatted(secret).getBytes(UTF_8));
        socket.shutdownOutput();
        recorder.record(pattern, new String(socket.getInputStream().readAllBytes(), UTF_8));
      } catch (IOException e) {
        recorder.record(pattern, "no answer");
      }
    }
  }

  private void runCommands() {
    CommandRun.With service =
        new CommandRun.With(
            Map.of(
                "AGENT_LAB_URL", server.client().base().toString(),
                "AGENT_LAB_KEY", server.adminKey(),
                "DATABASE_PASSWORD", canaries.plantPlain("the environment")),
            Path.of("").toAbsolutePath(),
            "",
            Optional.empty(),
            false,
            new ServiceCommands());
    String id = createKeyByCommand(service);
    List<List<String>> commands =
        List.of(
            List.of("provider", "list"),
            List.of("provider", "list", "--json"),
            List.of("provider", "show", providers.getFirst()),
            List.of("provider", "show", providers.getFirst(), "--json"),
            List.of("provider", "models", providers.getFirst()),
            List.of("provider", "test", providers.getFirst()),
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
      assertThat(REQUIRED_COMMANDS.contains(command.getFirst()) && run.code() != 0)
          .as(run.err())
          .isFalse();
      recorder.record(String.join(" ", command), run.out() + run.err());
    }
  }

  /// Creates a key by a command. The output, which contains the key, is not checked.
  private String createKeyByCommand(CommandRun.With service) {
    CommandRun created =
        service.run("key", "create", "by a command", "--scope", "providers:read", "--json");
    assertThat(created.code()).as(created.err()).isZero();
    canaries.known("a key created by a command", secretPart(created.json().get("key").asString()));
    return created.json().get("id").asString();
  }

  private ObjectNode config(ProviderKind kind, String way, String where) {
    ObjectNode options = Json.MAPPER.createObjectNode();
    for (Option option : kind.options()) {
      if (option.type() == Option.Type.SECRET) {
        String secret = canaries.plant("options." + option.name() + " of " + where);
        options.put(
            option.name(), option.name().equals("proxy_credentials") ? "user:" + secret : secret);
      } else if (option.name().equals("auth_type")) {
        options.put("auth_type", way);
      } else if (SAMPLES.containsKey(option.name())) {
        options.put(option.name(), SAMPLES.get(option.name()));
      }
    }
    options.put("spare_api_key", canaries.plant("an undeclared option of " + where));
    ObjectNode config = Json.MAPPER.createObjectNode();
    config.put("name", kind.name()).put("base_url", upstream.url("/v1").toString());
    config.set("options", options);
    return config;
  }

  private JsonNode at(ProviderKind kind, String pattern) {
    ObjectNode config = Json.MAPPER.createObjectNode();
    String secret = canaries.plantPlain("base_url of " + kind.name() + ", as in " + pattern);
    return config.put("name", kind.name()).put("base_url", pattern.formatted(secret));
  }

  private static String named(String name, JsonNode config) {
    return "{\"name\": %s, \"config\": %s}".formatted(Json.MAPPER.writeValueAsString(name), config);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}
