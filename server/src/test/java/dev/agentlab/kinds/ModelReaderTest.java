package dev.agentlab.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ModelReaderTest {
  private static final ProviderKinds KINDS = ProviderKinds.standard();
  private static final String KEY = "key-0123456789";

  /// The documented examples, shortened.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          openai | {"id": "gpt-4o", "object": "model", "created": 1686935002, "owned_by": "openai"} | {"id":"gpt-4o","owned_by":"openai","created":1686935002}
          openrouter | {"id": "a/b", "name": "A: B", "created": 1741818122, "context_length": 131072, "top_provider": {"context_length": 131072, "max_completion_tokens": 16384, "is_moderated": false}, "architecture": {"modality": "text+image->text", "input_modalities": ["text", "image"], "output_modalities": ["text"]}} | {"id":"a/b","display_name":"A: B","context_length":131072,"max_output_tokens":16384,"input_modalities":["text","image"],"output_modalities":["text"],"created":1741818122}
          openrouter | {"id": "a/b", "name": "A", "top_provider": {"max_completion_tokens": null}} | {"id":"a/b","display_name":"A"}
          mistral | {"id": "m-latest", "created": 1711430400, "owned_by": "mistralai", "name": "m-2411", "max_context_length": 32768, "capabilities": {"vision": false}} | {"id":"m-latest","display_name":"m-2411","context_length":32768,"owned_by":"mistralai","created":1711430400}
          groq | {"id": "llama", "created": 1693721698, "owned_by": "Meta", "active": true, "context_window": 8192, "max_completion_tokens": 4096} | {"id":"llama","context_length":8192,"max_output_tokens":4096,"owned_by":"Meta","created":1693721698}
          vllm | {"id": "org/m", "created": 1744000000, "owned_by": "vllm", "root": "org/m", "max_model_len": 32768, "permission": []} | {"id":"org/m","context_length":32768,"owned_by":"vllm","created":1744000000}
          anthropic | {"type": "model", "id": "claude-x", "display_name": "Claude X", "created_at": "2025-02-19T00:00:00Z", "max_input_tokens": 200000, "max_tokens": 64000} | {"id":"claude-x","display_name":"Claude X","context_length":200000,"max_output_tokens":64000,"created":1739923200}
          anthropic | {"id": "claude-x", "display_name": "claude-x", "created_at": "1970-01-01T00:00:00Z"} | {"id":"claude-x"}
          gemini | {"name": "models/gemini-x", "displayName": "Gemini X", "inputTokenLimit": 1048576, "outputTokenLimit": 8192} | {"id":"gemini-x","display_name":"Gemini X","context_length":1048576,"max_output_tokens":8192}
          bedrock | {"modelId": "amazon.x-v1:0", "modelName": "X", "providerName": "Amazon", "inputModalities": ["TEXT", "IMAGE"], "outputModalities": ["EMBEDDING"]} | {"id":"amazon.x-v1:0","display_name":"X","input_modalities":["text","image"],"output_modalities":["embedding"],"owned_by":"Amazon"}
          """)
  void membersOfEveryVendorAreRead(String kind, String model, String expected) {
    assertThat(Json.MAPPER.readTree(Json.MAPPER.writeValueAsString(read(kind, model).getFirst())))
        .isEqualTo(Json.MAPPER.readTree(expected));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"name\": 1, \"owned_by\": {}, \"created\": \"x\", \"context_length\": \"8192\"",
        "\"name\": \"\", \"owned_by\": \" \", \"created\": -1, \"context_length\": 0",
        "\"name\": null, \"created_at\": \"yesterday\", \"context_length\": 8192.5",
        "\"context_length\": 1e30, \"context_window\": 9007199254740992, \"created\": 1e999999",
        "\"architecture\": [], \"top_provider\": \"x\", \"inputModalities\": \"TEXT\"",
        "\"architecture\": {\"input_modalities\": [1, null, [\"text\"], \"\"]}",
        "\"name\": \"a\\u0000b\", \"owned_by\": \"a\\ud800\"",
      })
  void unusableMembersAreIgnored(String members) {
    assertThat(read("openai", "{\"id\": \"m\", %s}".formatted(members)))
        .containsExactly(new Model("m"));
  }

  @Test
  void textsAreBounded() {
    String modalities =
        IntStream.range(0, 30).mapToObj("\"m%d\""::formatted).collect(Collectors.joining(", "));
    Model model =
        read(
                "openai",
                "{\"id\": \"m\", \"name\": \"%s\", \"inputModalities\": [%s]}"
                    .formatted("x".repeat(301), modalities))
            .getFirst();

    assertThat(model.displayName()).isEmpty();
    assertThat(model.inputModalities().orElseThrow()).hasSize(20);
  }

  @Test
  void textsThatContainSecretAreIgnored() {
    assertThat(
            read(
                "openai",
                """
                {"id": "m", "name": "x %1$s", "owned_by": "%1$s", "inputModalities": ["text", "%1$s"]}
                """
                    .formatted(KEY)))
        .singleElement()
        .satisfies(model -> {
          assertThat(model.displayName()).isEmpty();
          assertThat(model.ownedBy()).isEmpty();
          assertThat(model.inputModalities()).contains(List.of("text"));
        });
  }

  @Test
  void firstOfEqualModelsIsRead() {
    assertThat(
            read(
                "openai",
                "{\"id\": \"m\", \"created\": 1}, {\"id\": \"m\", \"created\": 2}, {\"id\": 7}, 7"))
        .singleElement()
        .satisfies(model -> assertThat(model.created()).contains(1L));
  }

  private static List<Model> read(String kind, String models) {
    String option = kind.equals("bedrock") ? ", \"region\": \"us-east-1\"" : "";
    String url = kind.equals("vllm") ? "\"base_url\": \"http://localhost\", " : "";
    CallableProvider provider =
        KINDS.build(
            KINDS.parse(
                Json.MAPPER.readTree(
                    "{\"name\": \"%s\", %s\"options\": {\"api_key\": \"%s\"%s}}"
                        .formatted(kind, url, KEY, option))));
    JsonNode list = Json.MAPPER.readTree("[%s]".formatted(models));
    return new ModelReader(provider).read(list);
  }
}
