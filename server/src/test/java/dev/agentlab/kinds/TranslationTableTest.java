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

/// What each dialect makes of the parts of a chat request of each client, and the tables of it in
/// the documentation. A part that a provider does not receive must be refused, or named in a
/// warning.
class TranslationTableTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "gateway.md");
  private static final String OPENAI_START = "| part of the request |";
  private static final String GEMINI_START = "| part of the request of Google's clients |";
  private static final String RESPONSES_START =
      "| part of the request of clients of OpenAI's Responses API |";
  private static final String ANTHROPIC_START = "| part of the request of Anthropic's clients |";

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
    PROVIDERS.put(
        heading, provider("{\"name\": \"%s\", \"options\": {%s}}".formatted(kind, options)));
  }

  private static CallableProvider provider(String config) {
    ProviderKinds kinds = ProviderKinds.standard();
    return kinds.build(kinds.parse(Json.MAPPER.readTree(config)));
  }

  /// The providers to which requests for responses are translated: OpenAI itself has them.
  private static Map<String, CallableProvider> withoutResponses() {
    Map<String, CallableProvider> providers = new LinkedHashMap<>(PROVIDERS);
    providers.put(
        "OpenAI",
        provider("{\"name\": \"openai-compatible\", \"base_url\": \"http://localhost:9/v1\"}"));
    return providers;
  }

  /// A model of Bedrock; others have fewer features.
  private static final String CLAUDE = "anthropic.claude-sonnet-4-5-20250929-v1:0";

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
  private record Part(
      Operation operation, String name, String members, List<String> markers, boolean isHint) {
    Part(String name, String members, List<String> markers, boolean isHint) {
      this(Operation.CHAT, name, members, markers, isHint);
    }

    ModelRequest request(String model) {
      return operation == Operation.GENERATE_CONTENT
          ? ModelRequest.parse(operation, model, false, "{%s}".formatted(members).getBytes(UTF_8))
          : ModelRequest.parse(
              operation, "{\"model\": \"%s\", %s}".formatted(model, members).getBytes(UTF_8));
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

  private static Part message(String name, String members, String... markers) {
    return new Part(
        Operation.MESSAGES, name, "\"max_tokens\": 4321, " + members, List.of(markers), false);
  }

  private static Part messageMember(String member, String... markers) {
    String name = member.substring(1, member.indexOf('"', 1));
    return message("`" + name + "`", "\"messages\": [%s], %s".formatted(USER, member), markers);
  }

  private static Part messageHint(String member, String... markers) {
    Part part = messageMember(member, markers);
    return new Part(part.operation(), part.name(), part.members(), part.markers(), true);
  }

  private static Part block(String name, String block, String... markers) {
    return message(
        name,
        "\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"Hi\"}, %s]}]"
            .formatted(block),
        markers);
  }

  private static Part history(String name, String blocks, String... markers) {
    return message(
        name,
        "\"messages\": [%s, {\"role\": \"assistant\", \"content\": [%s]}, %s], %s"
            .formatted(USER, blocks, USER, MESSAGE_TOOLS),
        markers);
  }

  private static String source(String type, String source) {
    return "{\"type\": \"%s\", \"source\": %s}".formatted(type, source);
  }

  private static final String MESSAGE_TOOLS =
      """
      "tools": [{"name": "get_weather", "description": "d",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}]\
      """;

  private static final String TOOL_USE =
      """
      {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_marker", "name": "get_weather",
        "input": {"city": "Oslo"}}]}\
      """;

  private static Part result(String name, String members, String... markers) {
    return message(
        name,
        "\"messages\": [%s, %s, {\"role\": \"user\", \"content\": [{\"type\": \"tool_result\", \"tool_use_id\": \"toolu_marker\", %s}]}], %s"
            .formatted(USER, TOOL_USE, members, MESSAGE_TOOLS),
        markers);
  }

  private static final String PNG =
      "{\"type\": \"base64\", \"media_type\": \"image/png\", \"data\": \"iVBORw0KGgo=\"}";

  private static final List<Part> MESSAGE_PARTS =
      List.of(
          message(
              "`system`, a text or blocks",
              "\"system\": [{\"type\": \"text\", \"text\": \"marker-s\"}], \"messages\": [%s]"
                  .formatted(USER),
              "marker-s"),
          block(
              "`cache_control` of a block",
              "{\"type\": \"text\", \"text\": \"x\", \"cache_control\": {\"type\": \"ephemeral\"}}",
              "cache_control",
              "cachePoint"),
          block("image as data", source("image", PNG), "iVBORw0KGgo="),
          block(
              "image by URL",
              source("image", "{\"type\": \"url\", \"url\": \"https://img.test/x.png\"}"),
              "https://img.test/x.png"),
          block(
              "PDF as data",
              source(
                  "document",
                  "{\"type\": \"base64\", \"media_type\": \"application/pdf\", \"data\": \"JVBERi0=\"}"),
              "JVBERi0="),
          block(
              "document as text",
              source(
                  "document",
                  "{\"type\": \"text\", \"media_type\": \"text/plain\", \"data\": \"marker-d\"}"),
              "marker-d",
              "bWFya2VyLWQ="),
          block(
              "document by URL",
              source("document", "{\"type\": \"url\", \"url\": \"https://img.test/x.pdf\"}"),
              "https://img.test/x.pdf"),
          block(
              "uploaded file",
              source("document", "{\"type\": \"file\", \"file_id\": \"file_marker\"}"),
              "file_marker"),
          block(
              "`search_result`",
              "{\"type\": \"search_result\", \"source\": \"s\", \"title\": \"t\", \"content\": [{\"type\": \"text\", \"text\": \"marker\"}]}",
              "marker"),
          message(
              "`tools`", "\"messages\": [%s], %s".formatted(USER, MESSAGE_TOOLS), "get_weather"),
          message(
              "tools of Anthropic's servers",
              "\"messages\": [%s], \"tools\": [{\"type\": \"web_search_20250305\", \"name\": \"web_search\"}]"
                  .formatted(USER),
              "web_search_20250305"),
          message(
              "`tool_choice: any`",
              "\"messages\": [%s], %s, \"tool_choice\": {\"type\": \"any\"}"
                  .formatted(USER, MESSAGE_TOOLS),
              "\"any\"",
              "\"required\"",
              "\"ANY\""),
          message(
              "`tool_choice` of a tool",
              "\"messages\": [%s], %s, \"tool_choice\": {\"type\": \"tool\", \"name\": \"get_weather\"}"
                  .formatted(USER, MESSAGE_TOOLS),
              "\"tool_choice\"",
              "\"toolChoice\"",
              "allowedFunctionNames"),
          message(
              "`disable_parallel_tool_use`",
              "\"messages\": [%s], %s, \"tool_choice\": {\"type\": \"auto\", \"disable_parallel_tool_use\": true}"
                  .formatted(USER, MESSAGE_TOOLS),
              "disable_parallel_tool_use",
              "parallel_tool_calls"),
          result("tool calls and their results", "\"content\": \"marker-r\"", "marker-r"),
          result(
              "image in a tool result",
              "\"content\": [%s]".formatted(source("image", PNG)),
              "iVBORw0KGgo="),
          result(
              "`is_error` of a tool result",
              "\"content\": \"no\", \"is_error\": true",
              "\"is_error\"",
              "\"error\"",
              "\"status\":\"error\""),
          history(
              "signed `thinking` of Anthropic",
              "{\"type\": \"thinking\", \"thinking\": \"t\", \"signature\": \"marker-sig\"}, {\"type\": \"text\", \"text\": \"x\"}",
              "marker-sig"),
          messageMember(
              "\"output_config\": {\"format\": {\"type\": \"json_schema\", \"schema\": {\"type\": \"object\", \"properties\": {\"marker_p\": {\"type\": \"string\"}}, \"required\": [\"marker_p\"], \"additionalProperties\": false}}}",
              "marker_p"),
          message(
              "`thinking: enabled`",
              "\"messages\": [%s], \"thinking\": {\"type\": \"enabled\", \"budget_tokens\": 2048}"
                  .formatted(USER),
              "2048",
              "reasoning_effort"),
          messageMember("\"temperature\": 0.37", "0.37"),
          messageMember("\"top_p\": 0.41", "0.41"),
          messageMember("\"top_k\": 17", "17"),
          messageMember("\"stop_sequences\": [\"marker-stop\"]", "marker-stop"),
          message("`max_tokens`", "\"messages\": [%s]".formatted(USER), "4321"),
          messageHint("\"metadata\": {\"user_id\": \"marker-user\"}", "marker-user"),
          messageHint("\"service_tier\": \"standard_only\"", "standard_only", "\"default\""),
          messageMember("\"container\": \"marker-c\"", "marker-c"),
          messageMember("\"mcp_servers\": [{\"name\": \"marker-m\"}]", "marker-m"));

  private static final String CONTENT = "{\"role\": \"user\", \"parts\": [{\"text\": \"Hi\"}]}";

  private static final String DECLARATIONS =
      """
      "tools": [{"functionDeclarations": [{"name": "get_weather", "description": "d",
        "parameters": {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}}}]}]\
      """;

  private static Part contents(String name, String members, String... markers) {
    return new Part(Operation.GENERATE_CONTENT, name, members, List.of(markers), false);
  }

  private static Part contentMember(String name, String member, String... markers) {
    return contents(name, "\"contents\": [%s], %s".formatted(CONTENT, member), markers);
  }

  private static Part generation(String member, String... markers) {
    String name = member.substring(1, member.indexOf('"', 1));
    return contentMember("`" + name + "`", "\"generationConfig\": {%s}".formatted(member), markers);
  }

  private static Part part(String name, String part, String... markers) {
    return contents(
        name, "\"contents\": [{\"parts\": [{\"text\": \"Hi\"}, %s]}]".formatted(part), markers);
  }

  private static Part calling(String name, String config, String... markers) {
    return contentMember(
        name,
        "%s, \"toolConfig\": {\"functionCallingConfig\": %s}".formatted(DECLARATIONS, config),
        markers);
  }

  private static Part functionResponse(String name, String response, String... markers) {
    return functionResponse(name, "", response, markers);
  }

  /// @param signature a further member of the call
  private static Part functionResponse(
      String name, String signature, String response, String[] markers) {
    return contents(
        name,
        """
        "contents": [%s, {"role": "model", "parts": [{"functionCall": {"id": "call_marker", "name": "get_weather", "args": {}}%s}]},
          {"role": "user", "parts": [{"functionResponse": {"id": "call_marker", "name": "get_weather", %s}}]}], %s\
        """
            .formatted(CONTENT, signature, response, DECLARATIONS),
        markers);
  }

  private static final String INLINE_PNG =
      "{\"inlineData\": {\"mimeType\": \"image/png\", \"data\": \"iVBORw0KGgo=\"}}";

  private static final List<Part> CONTENT_PARTS =
      List.of(
          contentMember(
              "`systemInstruction`",
              "\"systemInstruction\": {\"parts\": [{\"text\": \"marker-s\"}]}",
              "marker-s"),
          part("image as `inlineData`", INLINE_PNG, "iVBORw0KGgo="),
          part(
              "PDF as `inlineData`",
              "{\"inlineData\": {\"mimeType\": \"application/pdf\", \"data\": \"JVBERi0=\"}}",
              "JVBERi0="),
          part(
              "audio as `inlineData`",
              "{\"inlineData\": {\"mimeType\": \"audio/wav\", \"data\": \"UklGRg==\"}}",
              "UklGRg=="),
          part(
              "image by URL as `fileData`",
              "{\"fileData\": {\"mimeType\": \"image/png\", \"fileUri\": \"https://img.test/x.png\"}}",
              "https://img.test/x.png"),
          part(
              "file uploaded to Google",
              "{\"fileData\": {\"mimeType\": \"image/png\", \"fileUri\": \"https://generativelanguage.googleapis.com/v1beta/files/marker\"}}",
              "files/marker"),
          contentMember("`functionDeclarations`", DECLARATIONS, "get_weather"),
          contentMember(
              "Google's own tools", "\"tools\": [{\"googleSearch\": {}}]", "googleSearch"),
          calling("mode `ANY`", "{\"mode\": \"ANY\"}", "\"any\"", "\"required\"", "\"ANY\""),
          calling(
              "mode `ANY` for one function",
              "{\"mode\": \"ANY\", \"allowedFunctionNames\": [\"get_weather\"]}",
              "\"tool_choice\"",
              "\"toolChoice\"",
              "allowedFunctionNames"),
          calling(
              "mode `ANY` for several functions",
              "{\"mode\": \"ANY\", \"allowedFunctionNames\": [\"get_weather\", \"g\"]}",
              "allowed_tools",
              "allowedFunctionNames"),
          functionResponse(
              "function calls and their responses",
              "\"response\": {\"output\": \"marker-r\"}",
              "marker-r"),
          functionResponse(
              "image in a function response",
              "\"response\": {\"output\": \"r\"}, \"parts\": [%s]".formatted(INLINE_PNG),
              "iVBORw0KGgo="),
          functionResponse(
              "`error` of a function response",
              "\"response\": {\"error\": \"marker-e\"}",
              "is_error",
              "\"status\":\"error\"",
              "\"error\""),
          functionResponse(
              "Google's `thoughtSignature`",
              ", \"thoughtSignature\": \"bWFya2Vy\"",
              "\"response\": {\"output\": \"r\"}",
              new String[] {"bWFya2Vy"}),
          generation("\"maxOutputTokens\": 1234", "1234"),
          generation("\"temperature\": 0.37", "0.37"),
          generation("\"topP\": 0.41", "0.41"),
          generation("\"topK\": 17", "17"),
          generation("\"stopSequences\": [\"marker-stop\"]", "marker-stop"),
          generation("\"candidateCount\": 2", "\"n\": 2", "\"n\":2", "candidateCount"),
          generation("\"seed\": 77", "\"seed\": 77", "\"seed\":77", "random_seed"),
          generation("\"presencePenalty\": 0.5", "presence_penalty", "presencePenalty"),
          generation("\"frequencyPenalty\": 0.5", "frequency_penalty", "frequencyPenalty"),
          generation("\"responseLogprobs\": true", "logprobs", "responseLogprobs"),
          generation(
              "\"responseSchema\": {\"type\": \"OBJECT\", \"properties\": {\"marker_p\": {\"type\": \"STRING\"}}, \"required\": [\"marker_p\"]}",
              "marker_p"),
          generation(
              "\"responseJsonSchema\": {\"type\": \"object\", \"properties\": {\"marker_p\": {\"type\": \"string\"}}, \"required\": [\"marker_p\"], \"additionalProperties\": false}",
              "marker_p"),
          generation(
              "\"responseMimeType\": \"application/json\"", "json_object", "application/json"),
          contentMember(
              "`thinkingBudget`",
              "\"generationConfig\": {\"thinkingConfig\": {\"thinkingBudget\": 2048}}",
              "2048",
              "reasoning_effort",
              "\"effort\""),
          contentMember(
              "`thinkingLevel`",
              "\"generationConfig\": {\"thinkingConfig\": {\"thinkingLevel\": \"HIGH\"}}",
              "HIGH",
              "reasoning_effort",
              "\"effort\""),
          generation("\"responseModalities\": [\"IMAGE\"]", "IMAGE", "\"image\""),
          contentMember("`safetySettings`", "\"safetySettings\": [{\"x\": \"marker\"}]", "marker"),
          contentMember(
              "`cachedContent`", "\"cachedContent\": \"cachedContents/marker\"", "marker"));

  private static final String FUNCTION =
      """
      {"type": "function", "name": "get_weather", "description": "d",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}\
      """;

  private static final String FUNCTION_CALL =
      """
      {"type": "function_call", "call_id": "call_marker", "name": "get_weather", "arguments": "{}"}\
      """;

  private static Part input(String name, String items, String... markers) {
    return new Part(
        Operation.RESPONSES, name, "\"input\": [%s]".formatted(items), List.of(markers), false);
  }

  private static Part inputPart(String name, String part, String... markers) {
    return input(
        name,
        "{\"role\": \"user\", \"content\": [{\"type\": \"input_text\", \"text\": \"Hi\"}, %s]}"
            .formatted(part),
        markers);
  }

  private static Part responseMember(String name, String member, String... markers) {
    return new Part(
        Operation.RESPONSES,
        name,
        "\"input\": \"Hi\", %s".formatted(member),
        List.of(markers),
        false);
  }

  private static Part responseOption(String member, String... markers) {
    String name = member.substring(1, member.indexOf('"', 1));
    return responseMember("`" + name + "`", member, markers);
  }

  private static Part responseHint(String member, String... markers) {
    Part part = responseOption(member, markers);
    return new Part(part.operation(), part.name(), part.members(), part.markers(), true);
  }

  private static Part responseTools(String name, String tools, String rest, String... markers) {
    return responseMember(name, "\"tools\": [%s]%s".formatted(tools, rest), markers);
  }

  private static Part callOutput(String name, String output, String... markers) {
    return new Part(
        Operation.RESPONSES,
        name,
        "\"input\": [%s, %s, {\"type\": \"function_call_output\", \"call_id\": \"call_marker\", \"output\": %s}], \"tools\": [%s]"
            .formatted(USER, FUNCTION_CALL, output, FUNCTION),
        List.of(markers),
        false);
  }

  private static final List<Part> RESPONSE_PARTS =
      List.of(
          responseOption("\"instructions\": \"marker-s\"", "marker-s"),
          input(
              "messages of every role",
              "{\"role\": \"developer\", \"content\": \"marker-s\"}, "
                  + USER
                  + ", {\"role\": \"assistant\", \"content\": \"a\"}, "
                  + USER,
              "marker-s"),
          inputPart(
              "`input_image` as data",
              "{\"type\": \"input_image\", \"image_url\": \"data:image/png;base64,iVBORw0KGgo=\"}",
              "iVBORw0KGgo="),
          inputPart(
              "`input_image` by URL",
              "{\"type\": \"input_image\", \"image_url\": \"https://img.test/x.png\"}",
              "https://img.test/x.png"),
          inputPart(
              "`input_file`, a PDF as data",
              "{\"type\": \"input_file\", \"filename\": \"a.pdf\", \"file_data\": \"data:application/pdf;base64,JVBERi0=\"}",
              "JVBERi0="),
          inputPart(
              "`input_file` by URL",
              "{\"type\": \"input_file\", \"file_url\": \"https://img.test/x.pdf\"}",
              "https://img.test/x.pdf"),
          inputPart(
              "uploaded `file_id`",
              "{\"type\": \"input_file\", \"file_id\": \"file-marker\"}",
              "file-marker"),
          inputPart(
              "`input_audio`",
              "{\"type\": \"input_audio\", \"input_audio\": {\"format\": \"wav\", \"data\": \"UklGRg==\"}}",
              "UklGRg=="),
          responseTools("function tools", FUNCTION, "", "get_weather"),
          responseTools(
              "`custom` tools",
              "{\"type\": \"custom\", \"name\": \"apply_patch\", \"format\": {\"type\": \"grammar\", \"syntax\": \"lark\", \"definition\": \"marker-g\"}}",
              "",
              "marker-g"),
          responseTools(
              "tools in a `namespace`",
              "{\"type\": \"namespace\", \"name\": \"ns\", \"description\": \"marker-n\", \"tools\": [{\"type\": \"function\", \"name\": \"f\"}]}",
              "",
              "ns__f"),
          responseTools(
              "`tool_search` by the client",
              "{\"type\": \"tool_search\", \"execution\": \"client\", \"description\": \"marker-t\", \"parameters\": {\"type\": \"object\"}}",
              "",
              "marker-t"),
          responseTools(
              "`tool_search` by the server", "{\"type\": \"tool_search\"}", "", "tool_search"),
          responseTools("`web_search`", "{\"type\": \"web_search\"}", "", "web_search"),
          responseTools(
              "`tool_choice: required`",
              FUNCTION,
              ", \"tool_choice\": \"required\"",
              "\"required\"",
              "\"any\"",
              "\"ANY\""),
          responseTools(
              "`tool_choice` of a function",
              FUNCTION,
              ", \"tool_choice\": {\"type\": \"function\", \"name\": \"get_weather\"}",
              "\"tool_choice\"",
              "\"toolChoice\"",
              "allowedFunctionNames"),
          responseTools(
              "`allowed_tools`",
              FUNCTION,
              ", \"tool_choice\": {\"type\": \"allowed_tools\", \"mode\": \"required\", \"tools\": [{\"type\": \"function\", \"name\": \"get_weather\"}]}",
              "allowed_tools",
              "allowedFunctionNames"),
          responseTools(
              "`parallel_tool_calls: false`",
              FUNCTION,
              ", \"parallel_tool_calls\": false",
              "parallel_tool_calls",
              "disable_parallel_tool_use"),
          callOutput("calls and their outputs", "\"marker-r\"", "marker-r"),
          callOutput(
              "image in an output",
              "[{\"type\": \"input_image\", \"image_url\": \"data:image/png;base64,iVBORw0KGgo=\"}]",
              "iVBORw0KGgo="),
          input(
              "reasoning that OpenAI encrypted",
              USER
                  + ", {\"type\": \"reasoning\", \"summary\": [], \"encrypted_content\": \"marker-e\"}, "
                  + USER,
              "marker-e"),
          input(
              "calls of OpenAI's tools",
              USER
                  + ", {\"type\": \"web_search_call\", \"id\": \"ws_marker\", \"status\": \"completed\"}, "
                  + USER,
              "ws_marker"),
          input(
              "`compaction`",
              "{\"type\": \"compaction\", \"encrypted_content\": \"marker-e\"}, " + USER,
              "marker-e"),
          responseMember(
              "`text.format: json_schema`",
              "\"text\": {\"format\": {\"type\": \"json_schema\", \"name\": \"n\", \"strict\": true, \"schema\": {\"type\": \"object\", \"properties\": {\"marker_p\": {\"type\": \"string\"}}, \"required\": [\"marker_p\"], \"additionalProperties\": false}}}",
              "marker_p"),
          responseMember(
              "`text.format: json_object`",
              "\"text\": {\"format\": {\"type\": \"json_object\"}}",
              "json_object",
              "application/json"),
          responseMember("`text.verbosity`", "\"text\": {\"verbosity\": \"low\"}", "verbosity"),
          responseOption("\"max_output_tokens\": 1234", "1234"),
          responseOption("\"temperature\": 0.37", "0.37"),
          responseOption("\"top_p\": 0.41", "0.41"),
          responseMember(
              "`reasoning.effort`",
              "\"reasoning\": {\"effort\": \"high\"}",
              "reasoning_effort",
              "thinking",
              "effort"),
          responseOption("\"top_logprobs\": 3", "top_logprobs", "\"logprobs\":3"),
          responseMember("`truncation: auto`", "\"truncation\": \"auto\"", "truncation"),
          responseMember("`background: true`", "\"background\": true", "background"),
          responseOption("\"max_tool_calls\": 3", "max_tool_calls"),
          responseMember("`conversation` of OpenAI", "\"conversation\": \"conv_1\"", "conv_1"),
          responseMember("`prompt` of OpenAI", "\"prompt\": {\"id\": \"pmpt_1\"}", "pmpt_1"),
          responseHint("\"user\": \"marker-user\"", "marker-user"),
          responseHint("\"metadata\": {\"a\": \"b\"}", "\"metadata\": {\"a\""),
          responseHint("\"service_tier\": \"flex\"", "service_tier"),
          responseHint("\"prompt_cache_key\": \"marker-key\"", "marker-key"),
          responseHint("\"store\": false", "store"));

  private static String image(String url) {
    return "{\"type\": \"image_url\", \"image_url\": {\"url\": \"%s\"}}".formatted(url);
  }

  private static String outcome(Part part, CallableProvider provider) {
    ProviderRequest wire;
    try {
      wire =
          provider
              .dialect()
              .translateRequest(
                  part.request(provider.kind().name().equals("bedrock") ? CLAUDE : "m"));
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
    writeTable(OPENAI_START, PARTS, PROVIDERS);
  }

  @Test
  void tableOfAnthropicsClientsIsWrittenFromTheDialects() throws IOException {
    writeTable(ANTHROPIC_START, MESSAGE_PARTS, PROVIDERS);
  }

  @Test
  void tableOfGooglesClientsIsWrittenFromTheDialects() throws IOException {
    writeTable(GEMINI_START, CONTENT_PARTS, PROVIDERS);
  }

  @Test
  void tableOfResponsesClientsIsWrittenFromTheDialects() throws IOException {
    writeTable(RESPONSES_START, RESPONSE_PARTS, withoutResponses());
  }

  private static void writeTable(
      String heading, List<Part> parts, Map<String, CallableProvider> providers)
      throws IOException {
    StringBuilder table = new StringBuilder(heading);
    providers.keySet().forEach(provider -> table.append(' ').append(provider).append(" |"));
    table.append("\n|---").append("|---".repeat(providers.size())).append("|\n");
    for (Part part : parts) {
      String name =
          part.name().contains("`") || part.name().contains(" ")
              ? part.name()
              : "`%s`".formatted(part.name());
      table
          .append("| ")
          .append(name)
          .append(" | ")
          .append(
              providers.values().stream()
                  .map(provider -> outcome(part, provider))
                  .collect(Collectors.joining(" | ")))
          .append(" |\n");
    }
    String document = Files.readString(DOCUMENT);
    int start = document.indexOf(heading);
    int end = document.indexOf("\n\n", start) + 1;
    String written = document.substring(0, start) + table + document.substring(end);
    if (Boolean.getBoolean("write.documents")) {
      Files.writeString(DOCUMENT, written);
    }

    assertThat(Files.readString(DOCUMENT)).isEqualTo(written);
  }
}
