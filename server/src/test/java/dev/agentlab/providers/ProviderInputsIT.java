package dev.agentlab.providers;

import static dev.agentlab.server.GeneratedInputs.assertHandled;
import static dev.agentlab.server.GeneratedInputs.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.kinds.Option;
import dev.agentlab.kinds.ProviderKind;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.server.GeneratedInputs;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Sends ten thousand generated inputs. Every response is a success or a client error, never a 500.
/// A failure names the seed of its input.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProviderInputsIT {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final List<String> WORDS =
      List.of("name", "Name", "-name", "CreatedAt", "created_at", "ollama", "azure", "bearer", "");
  private static final List<String> KINDS =
      ProviderKinds.standard().all().stream().map(ProviderKind::name).toList();
  private static final List<String> SEARCH =
      List.of("page", "page_size", "search", "name", "sort", "sort_by", "descending", "other");
  private static final List<String> OPTIONS =
      ProviderKinds.standard().all().stream()
          .flatMap(kind -> kind.options().stream())
          .map(Option::name)
          .distinct()
          .toList();
  private static final List<String> URLS =
      List.of(
          "http://localhost:11434",
          "https://a.example/openai/",
          "https://a.example/openai/v1",
          "http://[::1]",
          "http://x/v1");

  @RegisterExtension private final TestServer server = new TestServer();

  @Test
  void anySearchSucceedsOrIsRejected() {
    forSeeds(
        3_000,
        inputs ->
            assertHandled(server.client().post("/api/providers/search", text(search(inputs)))));
  }

  @Test
  void anyListingSucceedsOrIsRejected() {
    forSeeds(
        3_000, inputs -> assertHandled(server.client().get("/api/providers?" + query(inputs))));
  }

  @Test
  void anyProviderIsCreatedUnchangedOrRejected() {
    forSeeds(
        3_000,
        inputs -> {
          String name = inputs.string();
          ObjectNode input = JSON.objectNode().put("name", name).set("config", config(inputs));
          Answer answer = server.client().post("/api/providers", text(input));
          assertHandled(answer);
          if (answer.status() == 201) {
            Answer read = server.client().get(answer.header("Location"));
            assertThat(read.json()).isEqualTo(((ObjectNode) answer.json()).without("warnings"));
            assertThat(read.json().get("name").asString()).isEqualTo(name);
            assertThat(server.client().delete(answer.header("Location")).status()).isEqualTo(204);
          }
        });
  }

  @Test
  void anyBodySucceedsOrIsRejected() {
    forSeeds(
        1_000,
        inputs -> {
          String body = text(inputs.json(3));
          assertHandled(server.client().post("/api/providers", body));
          assertHandled(server.client().post("/api/providers/search", body));
        });
  }

  private static void forSeeds(int seeds, Consumer<GeneratedInputs> test) {
    GeneratedInputs.forSeeds(seeds, WORDS, test);
  }

  private static JsonNode search(GeneratedInputs inputs) {
    ObjectNode search = JSON.objectNode();
    for (int i = inputs.random().nextInt(5); i > 0; i--) {
      search.set(inputs.oneOf(SEARCH), inputs.rarely(2) ? inputs.number() : inputs.json(1));
    }
    return search;
  }

  private static String query(GeneratedInputs inputs) {
    return IntStream.range(0, inputs.random().nextInt(4))
        .mapToObj(_ ->
            inputs.oneOf(SEARCH)
                + "="
                + URLEncoder.encode(
                    inputs.rarely(2) ? inputs.string() : inputs.number().asString(),
                    StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private static JsonNode config(GeneratedInputs inputs) {
    ObjectNode options = JSON.objectNode();
    for (int i = inputs.random().nextInt(6); i > 0; i--) {
      String option = inputs.rarely(4) ? inputs.string() : inputs.oneOf(OPTIONS);
      options.set(option, inputs.rarely(2) ? JSON.stringNode(inputs.oneOf(WORDS)) : inputs.json(2));
    }
    return JSON.objectNode()
        .put("name", inputs.rarely(8) ? inputs.string() : inputs.oneOf(KINDS))
        .put("base_url", inputs.rarely(8) ? inputs.string() : inputs.oneOf(URLS))
        .set("options", options);
  }
}
