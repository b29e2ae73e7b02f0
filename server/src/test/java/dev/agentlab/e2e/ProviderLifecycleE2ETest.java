package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.e2e.Program.Result;
import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.testing.FakeUpstream.Request;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The lifecycle of providers from an empty folder: registered, found, changed, probed and listed,
/// and unchanged after a restart.
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class ProviderLifecycleE2ETest {
  private static final String SECRET = "sk-7f31c9d24be84a05b6e2c1d0f3a89e57";
  private static final String WRONG_SECRET = "sk-0b5e6d7c8f9a4132a1b2c3d4e5f60718";
  private static final String OTHER_VERSION = "2025-01-01";

  @TempDir private Path folder;

  /// All output of commands, responses and logs.
  private final Queue<String> outputs = new ConcurrentLinkedQueue<>();

  @Test
  void providersAreManagedAndSurviveARestart() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(ProviderLifecycleE2ETest::answer)) {
      String listed;
      try (Program program = Program.serve(folder, Map.of("LOGGING_LEVEL", "debug"))) {
        register(program, upstream);
        find(program);
        change(program);
        probe(program, upstream);
        listModels(program, "cloud", "gpt-4o");
        listModels(program, "local", "llama3.2");
        listed = command(program, "provider", "list", "--json").out();
        end(program);
      }
      try (Program program = Program.serve(folder, Map.of("LOGGING_FORMAT", "json"))) {
        assertThat(command(program, "provider", "list", "--json").out()).isEqualTo(listed);
        probe(program, upstream);
        listModels(program, "cloud", "gpt-4o");
        remove(program);
        end(program);
      }
    }
    assertThat(outputs).hasSizeGreaterThan(20);
    assertThat(outputs).noneMatch(text -> text.contains(SECRET) || text.contains(WRONG_SECRET));
  }

  private void register(Program program, FakeUpstream upstream) throws Exception {
    String ollama = upstream.url("").toString();
    Result local =
        command(program, "provider", "add", "local", "--kind", "ollama", "--base-url", ollama);
    assertThat(local.out()).contains("added local");
    Result cloud =
        command(
            program,
            "provider",
            "add",
            "cloud",
            "--kind",
            "azure",
            "--base-url",
            upstream.url("/openai").toString(),
            "--option",
            "deployment=gpt-4o",
            "--option",
            "auth_type=api_key",
            "--option",
            "api_version=2024-10-21",
            "--secret-env",
            "token=AZURE_KEY");
    assertThat(cloud.out()).contains("added cloud");
    assertThat(command(program, "provider", "show", "cloud").out()).contains("…9e57");
  }

  private void find(Program program) throws Exception {
    Answer found =
        client(program).post("/api/providers/search", "{\"search\": \"CLO\", \"page_size\": 5}");
    assertThat(found.json().get("total").asInt()).isOne();
    assertThat(found.json().at("/data/0/name").asString()).isEqualTo("cloud");
    assertThat(command(program, "provider", "list", "--search", "LOC").out())
        .contains("local")
        .doesNotContain("cloud");
  }

  /// Replaces one option over HTTP; the omitted token is kept.
  private void change(Program program) throws Exception {
    TestClient client = client(program);
    String path = path(client, "cloud");
    Answer before = client.get(path);
    ObjectNode changed = (ObjectNode) before.json();
    changed.retain("name", "config");
    ObjectNode options = (ObjectNode) changed.at("/config/options");
    options.remove("token");
    options.put("api_version", OTHER_VERSION);
    Answer after = client.put(path, changed.toString(), "If-Match", before.header("ETag"));
    assertThat(after.status()).as(after.text()).isEqualTo(200);
    assertThat(after.json().at("/config/options/api_version").asString()).isEqualTo(OTHER_VERSION);
    assertThat(after.json().at("/config/options/token/set").asBoolean()).isTrue();

    Answer stale = client.put(path, changed.toString(), "If-Match", before.header("ETag"));
    assertThat(stale.status()).isEqualTo(412);
    assertThat(command(program, "provider", "show", "cloud").out()).contains(OTHER_VERSION);
  }

  private void probe(Program program, FakeUpstream upstream) throws Exception {
    TestClient client = client(program);
    Answer probed = client.post(path(client, "cloud") + "/probe", "");
    assertThat(probed.json().get("ok").asBoolean()).as(probed.text()).isTrue();
    assertThat(probed.json().at("/models/0/id").asString()).isEqualTo("gpt-4o");
    command(program, "provider", "test", "cloud");
    command(program, "provider", "test", "local");

    // The upstream repeats a wrong key in its error.
    Answer refused =
        client.post(
            "/api/providers/probe",
            """
            {"config": {"name": "azure", "base_url": "%s", "options": {"deployment": "gpt-4o",
              "auth_type": "bearer", "token": "%s", "api_version": "2024-10-21"}}}\
            """
                .formatted(upstream.url("/openai"), WRONG_SECRET));
    assertThat(refused.status()).as(refused.text()).isEqualTo(200);
    assertThat(refused.json().get("ok").asBoolean()).isFalse();
    JsonNode failed =
        refused
            .json()
            .get("stages")
            .valueStream()
            .filter(stage -> stage.path("status").asString("").equals("failed"))
            .findFirst()
            .orElseThrow();
    assertThat(failed.get("name").asString()).isEqualTo("authenticate");
  }

  private void listModels(Program program, String provider, String model) throws Exception {
    TestClient client = client(program);
    String path = path(client, provider) + "/models";
    Await.until(
        "the list of models is fresh",
        () -> client.get(path).json().get("state").asString().equals("fresh"));
    assertThat(client.get(path).json().at("/data/0/id").asString()).isEqualTo(model);
    assertThat(command(program, "provider", "models", provider).out()).contains(model);
  }

  private void remove(Program program) throws Exception {
    assertThat(command(program, "provider", "remove", "local", "--yes").out())
        .contains("removed local");
    JsonNode left = Json.MAPPER.readTree(command(program, "provider", "list", "--json").out());
    assertThat(left.get("total").asInt()).isOne();
  }

  private void end(Program program) throws Exception {
    for (String path : List.of("/metrics", "/openapi.json", "/api/provider-kinds")) {
      assertThat(client(program).get(path).status()).isEqualTo(200);
    }
    assertThat(program.stop()).as(program.log()).isZero();
    assertThat(program.log()).doesNotContain("ERROR");
    outputs.add(program.log());
  }

  /// Runs a command, which must succeed, with the secret only in its environment.
  private Result command(Program program, String... arguments) throws Exception {
    Result result =
        Program.run(
            folder,
            Map.of("AGENT_LAB_URL", program.url().toString(), "AZURE_KEY", SECRET),
            arguments);
    outputs.add(result.out());
    outputs.add(result.err());
    assertThat(result.code()).as(result.err()).isZero();
    return result;
  }

  private TestClient client(Program program) {
    return new TestClient(
        program.url(),
        program.client().http(),
        answer -> outputs.add(answer.headers().map() + answer.body()),
        program.client().key());
  }

  private static String path(TestClient client, String name) {
    JsonNode found = client.get("/api/providers/" + name).json();
    return "/api/providers/" + found.path("id").asString();
  }

  /// Responds like Ollama and Azure.
  private static void answer(Request request, OutputStream out) throws IOException {
    String path = request.requestLine().split(" ", 3)[1];
    String key = request.header("api-key").or(() -> request.header("Authorization")).orElse("");
    String answer;
    if (path.equals("/v1/models")) {
      answer = models("llama3.2");
    } else if (!path.startsWith("/openai/models?api-version=")) {
      answer = FakeUpstream.response("404 Not Found", "text/plain", "no such path: " + path);
    } else if (!key.equals(SECRET)) {
      answer =
          FakeUpstream.response(
              "401 Unauthorized",
              "application/json",
              "{\"error\": {\"message\": \"Incorrect key: %s\"}}".formatted(key));
    } else {
      answer = models("gpt-4o");
    }
    out.write(answer.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private static String models(String id) {
    return FakeUpstream.json(
        "{\"object\": \"list\", \"data\": [{\"id\": \"%s\", \"object\": \"model\"}]}"
            .formatted(id));
  }
}
