package dev.agentlab.kinds;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.dialects.ProviderRequest;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What each dialect makes of the parts of a chat request, and the table of it in the
/// documentation. A part that a provider does not receive must be refused, or named in a warning.
class TranslationTableTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "gateway.md");
  private static final String START = "| part of the request |";

  /// A provider of each dialect, by the heading of its column.
  private static final Map<String, CallableProvider> PROVIDERS = new LinkedHashMap<>();

  static {
    put("OpenAI", "openai", "\"api_key\": \"k-0123456789\"");
    put("Mistral", "mistral", "\"api_key\": \"k-0123456789\"");
    put("Groq", "groq", "\"api_key\": \"k-0123456789\"");
    put("Anthropic", "anthropic", "\"api_key\": \"k-0123456789\"");
    put("Gemini", "gemini", "\"api_key\": \"k-0123456789\"");
    put(
        "Bedrock Converse",
        "bedrock",
        "\"region\": \"eu-west-1\", \"auth_type\": \"api_key\", \"api_key\": \"k-0123456789\"");
  }

  private static void put(String heading, String kind, String options) {
    ProviderKinds kinds = ProviderKinds.standard();
    PROVIDERS.put(
        heading,
        kinds.build(
            kinds.parse(
                Json.MAPPER.readTree(
                    "{\"name\": \"%s\", \"options\": {%s}}".formatted(kind, options)))));
  }

  private static final String USER = "{\"role\": \"user\", \"content\": \"Hi\"}";
  private static final String TOOLS =
      """
      "tools": [{"type": "function", "function": {"name": "get_weather", "description": "d",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}]\
      """;
  private static final String CALL =
      """
      {"role": "assistant", "content": null, "tool_calls": [{"id": "call_marker", "type": "function",
        "function": {"name": "get_weather", "arguments": "{\\"city\\": \\"Oslo\\"}"}}]}\
      """;

  /// A part of a request.
  ///
  /// @param members the members of a request that has the part, beside `model`
  /// @param markers texts of which the provider's request has one if the part is carried
  /// @param isHint whether a provider may receive nothing of it without a warning, because it has
  ///   no effect on the answer
  private record Part(String name, String members, List<String> markers, boolean isHint) {
    ModelRequest request() {
      return ModelRequest.parse(
          Operation.CHAT, "{\"model\": \"m\", %s}".formatted(members).getBytes(UTF_8));
    }
  }

  private static Part conversation(String name, String messages, String... markers) {
    return new Part(name, "\"messages\": [%s]".formatted(messages), List.of(markers), false);
  }

  private static Part content(String name, String part, String... markers) {
    return conversation(
        name,
        "{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"Hi\"}, %s]}"
            .formatted(part),
        markers);
  }

  private static Part member(String member, String... markers) {
    String name = member.substring(1, member.indexOf('"', 1));
    return named(name, member, markers);
  }

  private static Part named(String name, String member, String... markers) {
    return new Part(
        name, "\"messages\": [%s], %s".formatted(USER, member), List.of(markers), false);
  }

  private static Part hint(String member, String... markers) {
    Part part = member(member, markers);
    return new Part(part.name(), part.members(), part.markers(), true);
  }

  private static final List<Part> PARTS =
      List.of(
          conversation(
              "text of every role",
              "{\"role\": \"system\", \"content\": \"marker-s\"}, {\"role\": \"developer\", \"content\": \"d\"}, "
                  + USER
                  + ", {\"role\": \"assistant\", \"content\": \"a\"}, "
                  + USER,
              "marker-s"),
          content("image as data", image("data:image/png;base64,iVBORw0KGgo="), "iVBORw0KGgo="),
          content("image by URL", image("https://img.test/x.png"), "https://img.test/x.png"),
          content(
              "PDF as data",
              "{\"type\": \"file\", \"file\": {\"filename\": \"a.pdf\", \"file_data\": \"data:application/pdf;base64,JVBERi0=\"}}",
              "JVBERi0="),
          content(
              "audio",
              "{\"type\": \"input_audio\", \"input_audio\": {\"format\": \"wav\", \"data\": \"UklGRg==\"}}",
              "UklGRg=="),
          content(
              "`cache_control` of a part",
              "{\"type\": \"text\", \"text\": \"x\", \"cache_control\": {\"type\": \"ephemeral\"}}",
              "cache_control",
              "cachePoint"),
          named("`tools`", TOOLS, "get_weather"),
          named(
              "`tool_choice: required`",
              TOOLS + ", \"tool_choice\": \"required\"",
              "\"required\"",
              "\"any\"",
              "\"ANY\""),
          named(
              "`tool_choice` of a function",
              TOOLS
                  + ", \"tool_choice\": {\"type\": \"function\", \"function\": {\"name\": \"get_weather\"}}",
              "\"tool_choice\"",
              "\"toolChoice\"",
              "allowedFunctionNames"),
          named(
              "`parallel_tool_calls: false`",
              TOOLS + ", \"parallel_tool_calls\": false",
              "parallel_tool_calls",
              "disable_parallel_tool_use"),
          named(
              "`parallel_tool_calls: true`",
              TOOLS + ", \"parallel_tool_calls\": true",
              "get_weather"),
          new Part(
              "tool calls and their results",
              "\"messages\": [%s, %s, {\"role\": \"tool\", \"tool_call_id\": \"call_marker\", \"content\": \"marker-r\"}], %s"
                  .formatted(USER, CALL, TOOLS),
              List.of("marker-r"),
              false),
          new Part(
              "tool history without `tools`",
              "\"messages\": [%s, %s, {\"role\": \"tool\", \"tool_call_id\": \"call_marker\", \"content\": \"marker-r\"}]"
                  .formatted(USER, CALL),
              List.of("marker-r"),
              false),
          named(
              "`response_format: json_schema`",
              "\"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"n\", \"strict\": true, \"schema\": {\"type\": \"object\", \"properties\": {\"marker_p\": {\"type\": \"string\"}}, \"required\": [\"marker_p\"], \"additionalProperties\": false}}}",
              "marker_p"),
          named(
              "`response_format: json_object`",
              "\"response_format\": {\"type\": \"json_object\"}",
              "json_object",
              "application/json"),
          member("\"max_completion_tokens\": 1234", "1234"),
          member("\"max_tokens\": 1234", "1234"),
          member("\"temperature\": 0.37", "0.37"),
          member("\"top_p\": 0.41", "0.41"),
          member("\"stop\": [\"marker-stop\"]", "marker-stop"),
          member("\"reasoning_effort\": \"high\"", "reasoning_effort", "thinking", "effort"),
          named("`n: 1`", "\"n\": 1", "\"messages\"", "\"contents\""),
          named("`n: 2`", "\"n\": 2", "\"n\": 2", "\"n\":2", "candidateCount"),
          member("\"seed\": 77", "\"seed\": 77", "\"seed\":77", "random_seed"),
          member("\"presence_penalty\": 0.5", "presence_penalty", "presencePenalty"),
          member("\"frequency_penalty\": 0.5", "frequency_penalty", "frequencyPenalty"),
          member("\"logit_bias\": {\"5\": 1}", "logit_bias"),
          member("\"logprobs\": true", "logprobs", "responseLogprobs"),
          hint("\"user\": \"marker-user\"", "marker-user"),
          hint("\"store\": true", "store"),
          hint("\"metadata\": {\"a\": \"b\"}", "\"metadata\": {\"a\""),
          hint("\"service_tier\": \"auto\"", "service_tier"),
          hint("\"prompt_cache_key\": \"marker-key\"", "marker-key"),
          member("\"verbosity\": \"low\"", "verbosity"),
          member("\"prediction\": {\"type\": \"content\", \"content\": \"x\"}", "prediction"),
          member("\"web_search_options\": {}", "web_search_options"));

  private static String image(String url) {
    return "{\"type\": \"image_url\", \"image_url\": {\"url\": \"%s\"}}".formatted(url);
  }

  private static String outcome(Part part, CallableProvider provider) {
    ProviderRequest wire;
    try {
      wire = provider.dialect().translateRequest(part.request());
    } catch (InvalidInputException e) {
      return "refused";
    }
    String body = new String(wire.body(), UTF_8);
    boolean isCarried = part.markers().stream().anyMatch(body::contains);
    if (!wire.warnings().isEmpty()) {
      return isCarried ? "approximated" : "ignored, with a warning";
    }
    assertThat(isCarried || part.isHint())
        .as("%s is lost without a word for %s: %s", part.name(), provider.kind(), body)
        .isTrue();
    return isCarried ? "carried" : "no effect";
  }

  @Test
  void documentedTableIsWrittenFromTheDialects() throws IOException {
    StringBuilder table = new StringBuilder(START);
    PROVIDERS.keySet().forEach(heading -> table.append(' ').append(heading).append(" |"));
    table.append("\n|---").append("|---".repeat(PROVIDERS.size())).append("|\n");
    for (Part part : PARTS) {
      String name =
          part.name().contains("`") || part.name().contains(" ")
              ? part.name()
              : "`%s`".formatted(part.name());
      table
          .append("| ")
          .append(name)
          .append(" | ")
          .append(
              PROVIDERS.values().stream()
                  .map(provider -> outcome(part, provider))
                  .collect(Collectors.joining(" | ")))
          .append(" |\n");
    }
    String document = Files.readString(DOCUMENT);
    int start = document.indexOf(START);
    int end = document.indexOf("\n\n", start) + 1;
    String written = document.substring(0, start) + table + document.substring(end);
    if (Boolean.getBoolean("write.documents")) {
      Files.writeString(DOCUMENT, written);
    }

    assertThat(Files.readString(DOCUMENT)).isEqualTo(written);
  }
}
