package dev.agentlab.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.errors.InvalidInputException;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class AnthropicClientPropertyTest {
  private static final List<String> TEXTS =
      List.of(
          "{\"type\":\"text\",\"text\":\"a\"}",
          "{\"type\":\"text\",\"text\":\"b\",\"cache_control\":{\"type\":\"ephemeral\"}}",
          "{\"type\":\"text\",\"text\":\"c\",\"citations\":[{\"type\":\"x\"}]}");
  private static final List<String> MEDIA =
      List.of(
          "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\","
              + "\"data\":\"AAAA\"}}",
          "{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"https://a.example\"},"
              + "\"transformations\":{\"x\":1}}",
          "{\"type\":\"image\",\"source\":{\"type\":\"file\",\"file_id\":\"f\"}}",
          "{\"type\":\"document\",\"source\":{\"type\":\"base64\","
              + "\"media_type\":\"application/pdf\",\"data\":\"AAAA\"},\"title\":\"t\"}",
          "{\"type\":\"document\",\"source\":{\"type\":\"text\",\"media_type\":\"text/plain\","
              + "\"data\":\"ä\"},\"context\":\"c\",\"citations\":{\"enabled\":true}}",
          "{\"type\":\"document\",\"source\":{\"type\":\"content\",\"content\":\"x\"}}",
          "{\"type\":\"search_result\",\"source\":\"s\",\"title\":\"t\",\"content\":[]}");
  private static final List<String> OF_USER =
      List.of(
          "{\"type\":\"tool_result\",\"tool_use_id\":\"c\"}",
          "{\"type\":\"tool_result\",\"tool_use_id\":\"c\",\"content\":\"x\",\"is_error\":true}",
          "{\"type\":\"tool_result\",\"tool_use_id\":\"c\",\"cache_control\":"
              + "{\"type\":\"ephemeral\"},\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
              + "{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"http://a.example\"}},"
              + "{\"type\":\"tool_reference\",\"tool_name\":\"f\"}]}",
          "{\"type\":\"container_upload\",\"file_id\":\"f\"}");
  private static final List<String> OF_ASSISTANT =
      List.of(
          "{\"type\":\"thinking\",\"thinking\":\"t\",\"signature\":\"s\",\"x\":1}",
          "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"u\"}",
          "{\"type\":\"redacted_thinking\",\"data\":\"d\"}",
          "{\"type\":\"tool_use\",\"id\":\"c\",\"name\":\"f\",\"input\":{\"n\":1.50,"
              + "\"m\":123456789012345678901}}",
          "{\"type\":\"tool_use\",\"id\":\"d\",\"name\":\"f\",\"input\":{},"
              + "\"caller\":{\"type\":\"code_execution_20250825\",\"tool_id\":\"x\"}}",
          "{\"type\":\"server_tool_use\",\"id\":\"e\",\"name\":\"web_search\",\"input\":{}}");
  private static final List<String> MEMBERS =
      List.of(
          "\"stream\":true",
          "\"system\":[{\"type\":\"text\",\"text\":\"s\",\"cache_control\":"
              + "{\"type\":\"ephemeral\",\"ttl\":\"1h\"}}]",
          "\"temperature\":0.70",
          "\"top_p\":0.5",
          "\"top_k\":5",
          "\"stop_sequences\":[\"a\",\"b\"]",
          "\"metadata\":{\"user_id\":\"u\"}",
          "\"service_tier\":\"standard_only\"",
          "\"container\":\"c\"",
          "\"context_management\":{\"edits\":[{\"type\":\"x\"}]}",
          "\"mcp_servers\":[{\"type\":\"url\"}]",
          "\"unheard_of\":{\"kept\":1e-7}");
  private static final List<String> THINKING =
      List.of(
          "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2048,\"display\":\"omitted\"}",
          "\"thinking\":{\"type\":\"disabled\"}",
          "\"thinking\":{\"type\":\"adaptive\"}",
          "\"thinking\":{\"type\":\"between_tools\"}");
  private static final List<String> OUTPUT =
      List.of(
          "\"output_config\":{\"effort\":\"max\"}",
          "\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\"}}}",
          "\"output_config\":{\"effort\":\"low\",\"task_budget\":{\"total\":5},"
              + "\"format\":{\"type\":\"json_schema\",\"schema\":{}}}");
  private static final String TOOLS =
      "\"tools\":[{\"name\":\"f\",\"description\":\"d\",\"input_schema\":{\"type\":\"object\"},"
          + "\"strict\":true,\"cache_control\":{\"type\":\"ephemeral\"},\"defer_loading\":true},"
          + "{\"type\":\"web_search_20250305\",\"name\":\"web_search\",\"max_uses\":5}]";
  private static final List<String> CHOICES =
      List.of(
          TOOLS,
          TOOLS + ",\"tool_choice\":{\"type\":\"auto\",\"disable_parallel_tool_use\":true}",
          TOOLS + ",\"tool_choice\":{\"type\":\"none\"}",
          TOOLS + ",\"tool_choice\":{\"type\":\"any\"}",
          TOOLS
              + ",\"tool_choice\":{\"type\":\"tool\",\"name\":\"f\","
              + "\"disable_parallel_tool_use\":true}");
  private static final List<String> ODD_VALUES =
      List.of(
          "null",
          "true",
          "-1",
          "1e400",
          "\"\"",
          "\"x\"",
          "[]",
          "[null]",
          "[{}]",
          "{}",
          "{\"type\":5}",
          "{\"type\":\"tool\"}",
          "{\"type\":\"enabled\",\"budget_tokens\":1e400}",
          "[{\"type\":\"text\"}]",
          "[{\"type\":\"thinking\"}]",
          "[{\"type\":\"x\"}]",
          "[{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"\\n\","
              + "\"data\":\"!\"}}]",
          "[{\"type\":\"document\",\"source\":{\"type\":\"base64\","
              + "\"media_type\":\"text/plain\",\"data\":\"!\"}}]",
          "[{\"type\":\"redacted_thinking\",\"data\":\"YWdsMS57fQ==\"}]",
          "[{\"type\":\"tool_use\",\"id\":\"c\",\"name\":\"f\",\"input\":{}}]",
          "[{\"type\":\"tool_result\",\"tool_use_id\":\"c\",\"content\":[{\"type\":\"x\"}]}]");
  private static final List<String> ODD_MEMBERS =
      List.of(
          "max_tokens",
          "system",
          "temperature",
          "stop_sequences",
          "metadata",
          "service_tier",
          "thinking",
          "output_config",
          "tools",
          "tool_choice",
          "stream",
          "unheard_of");
  private static final List<ProviderDialect> PROVIDERS =
      List.of(new Anthropic(), OpenAi.withRules(), new Gemini(), new BedrockConverse());

  @Property(tries = 5_000)
  void requestForAnthropicLosesNothing(@ForAll("requests") String request) {
    ObjectNode json = (ObjectNode) ProviderJson.MAPPER.readTree(request);
    TranslationWarnings warnings = new TranslationWarnings();

    ProviderRequest written =
        new Anthropic().writeChat(AnthropicRequestReader.read(json), warnings);

    assertThat(ProviderJson.MAPPER.readTree(written.body())).isEqualTo(json);
    assertThat(warnings.messages()).isEmpty();
  }

  @Property(tries = 5_000)
  void nothingOfAnthropicReachesOtherProviders(@ForAll("requests") String request) {
    ChatRequest read =
        AnthropicRequestReader.read((ObjectNode) ProviderJson.MAPPER.readTree(request));
    for (ProviderDialect provider : PROVIDERS.subList(1, PROVIDERS.size())) {
      try {
        JsonNode body =
            ProviderJson.MAPPER.readTree(
                provider.writeChat(read, new TranslationWarnings()).body());
        assertThat(body.findValues("cache_control")).isEmpty();
        assertThat(body.toString())
            .doesNotContain("unheard_of", "mcp_servers", "context_management", "citations")
            .doesNotContain("web_search", "tool_reference", "defer_loading", "transformations");
      } catch (InvalidInputException e) {
        assertThat(e.errors()).isNotEmpty();
      }
    }
  }

  @Property(tries = 5_000)
  void anyRequestIsTranslatedOrRejected(@ForAll("oddRequests") String request) {
    ObjectNode json = (ObjectNode) ProviderJson.MAPPER.readTree(request);
    for (ProviderDialect provider : PROVIDERS) {
      try {
        provider.writeChat(AnthropicRequestReader.read(json), new TranslationWarnings());
      } catch (InvalidInputException e) {
        assertThat(e.errors()).isNotEmpty();
      }
    }
  }

  @Provide
  Arbitrary<String> requests() {
    Arbitrary<String> user = message("user", OF_USER);
    Arbitrary<String> assistant = message("assistant", OF_ASSISTANT);
    // Successive messages of one role become one.
    Arbitrary<String> turns =
        Combinators.combine(user, assistant).as((one, other) -> one + "," + other);
    Arbitrary<String> messages =
        Arbitraries.oneOf(
            user, turns.list().ofMinSize(1).ofMaxSize(2).map(it -> String.join(",", it)));
    return Combinators.combine(
            messages,
            Arbitraries.of(MEMBERS).set().ofMaxSize(4),
            Arbitraries.of(THINKING).optional(),
            Arbitraries.of(OUTPUT).optional(),
            Arbitraries.of(CHOICES).optional())
        .as((content, members, thinking, output, tools) -> {
          StringBuilder json =
              new StringBuilder("{\"model\":\"m\",\"max_tokens\":9000,\"messages\":[")
                  .append(content)
                  .append(']');
          members.forEach(it -> json.append(',').append(it));
          thinking.ifPresent(it -> json.append(',').append(it));
          output.ifPresent(it -> json.append(',').append(it));
          tools.ifPresent(it -> json.append(',').append(it));
          return json.append('}').toString();
        });
  }

  private static Arbitrary<String> message(String role, List<String> blocks) {
    return Arbitraries.oneOf(Arbitraries.of(TEXTS), Arbitraries.of(MEDIA), Arbitraries.of(blocks))
        .list()
        .ofMinSize(1)
        .ofMaxSize(4)
        .map(it ->
            "{\"role\":\""
                + role
                + "\",\"content\":["
                + String.join(",", it)
                + "],\"clear_at\":1}");
  }

  @Provide
  Arbitrary<String> oddRequests() {
    Arbitrary<String> content = Arbitraries.of(ODD_VALUES);
    Arbitrary<String> messages =
        Combinators.combine(Arbitraries.of("user", "assistant", "system", "tool"), content)
            .as((role, value) -> "{\"role\":\"" + role + "\",\"content\":" + value + "}")
            .list()
            .ofMinSize(1)
            .ofMaxSize(3)
            .map(it -> String.join(",", it));
    Arbitrary<String> members =
        Arbitraries.maps(Arbitraries.of(ODD_MEMBERS), Arbitraries.of(ODD_VALUES))
            .ofMaxSize(3)
            .map(it ->
                it.entrySet().stream()
                    .filter(member -> !member.getKey().equals("max_tokens"))
                    .map(member -> ",\"" + member.getKey() + "\":" + member.getValue())
                    .collect(Collectors.joining()));
    return Combinators.combine(messages, members)
        .as((list, rest) ->
            "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[" + list + "]" + rest + "}");
  }
}
