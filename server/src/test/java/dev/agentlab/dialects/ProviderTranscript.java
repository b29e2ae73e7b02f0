package dev.agentlab.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Reads the request that a provider receives into the lines of [ClientTranscript], by the
/// documentation of the provider, and checks the provider's rules for the order of messages.
abstract class ProviderTranscript {
  /// The placeholder that Gemini accepts for a lost signature.
  private static final String NO_SIGNATURE = "skip_thought_signature_validator";

  private final List<String> lines = new ArrayList<>();
  private final boolean separatesResults;
  private Turn last = new Turn("", List.of(), List.of());

  /// A message of the provider's request.
  ///
  /// @param calls the ids of its calls
  /// @param results the ids of the calls whose results it has
  private record Turn(String role, List<String> calls, List<String> results) {}

  /// @param separatesResults whether the results of calls are in a message of their own, which a
  ///   message of the user may follow
  private ProviderTranscript(boolean separatesResults) {
    this.separatesResults = separatesResults;
  }

  /// @param vendor the vendor of the provider's dialect
  static List<String> of(String vendor, JsonNode body) {
    ProviderTranscript transcript =
        switch (vendor) {
          case "anthropic" -> new AnthropicTranscript();
          case "bedrock" -> new BedrockTranscript();
          default -> new GeminiTranscript();
        };
    transcript.read(body);
    return transcript.lines;
  }

  abstract void read(JsonNode body);

  final void add(String line) {
    lines.add(line);
  }

  final void addValue(String name, JsonNode value) {
    if (!value.isMissingNode()) {
      add(name + " " + value);
    }
  }

  final void addText(String role, JsonNode text) {
    assertThat(text.stringValue()).as("text block").isNotEmpty();
    add(role + " text " + text.stringValue());
  }

  final void mark(String role, JsonNode element) {
    addValue(role + " cache", element.path("cache_control"));
  }

  /// Checks the order of the messages: roles alternate, beginning with the user, and the results of
  /// all calls of a message follow it at once, before anything else.
  ///
  /// @param call the path of the id of a call in its block
  /// @param result the path of the id of a call in the block of its result
  final void addTurn(String role, JsonNode blocks, String call, String result) {
    assertThat(blocks).as("content of a message").isNotEmpty();
    Turn turn = new Turn(role, new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < blocks.size(); i++) {
      blocks.path(i).at(call).stringValueOpt().ifPresent(turn.calls::add);
      if (blocks.path(i).at(result).isString()) {
        assertThat(turn.results).as("results at the beginning").hasSize(i);
        turn.results.add(blocks.path(i).at(result).stringValue());
      }
    }
    assertThat(turn.results).containsExactlyInAnyOrderElementsOf(last.calls);
    if (last.role.isEmpty()) {
      assertThat(role).isEqualTo("user");
    } else if (!separatesResults || last.results.isEmpty()) {
      assertThat(role).isNotEqualTo(last.role);
    }
    if (separatesResults && !turn.results.isEmpty()) {
      assertThat(turn.results).as("results alone").hasSize(blocks.size());
    }
    last = turn;
  }

  /// https://platform.claude.com/docs/en/api/messages
  private static final class AnthropicTranscript extends ProviderTranscript {
    private AnthropicTranscript() {
      super(false);
    }

    @Override
    void read(JsonNode body) {
      body.path("system").forEach(block -> block("system", block));
      for (JsonNode message : body.path("messages")) {
        String role = message.path("role").stringValue();
        addTurn(role, message.path("content"), "/id", "/tool_use_id");
        message.path("content").forEach(block -> block(role, block));
      }
      addValue("max_tokens", body.path("max_tokens"));
      addValue("temperature", body.path("temperature"));
      addValue("top_p", body.path("top_p"));
      addValue("top_k", body.path("top_k"));
      addValue("stop", body.path("stop_sequences"));
      addValue("format", body.at("/output_config/format/schema"));
      for (JsonNode tool : body.path("tools")) {
        add(ClientTranscript.tool(tool, tool.path("input_schema")));
        addValue("strict", tool.path("strict"));
        mark("tools", tool);
      }
      JsonNode choice = body.path("tool_choice");
      switch (choice.path("type").stringValue("auto")) {
        case "none" -> add("choice none");
        case "any" -> add("choice required []");
        case "tool" -> add("choice required [%s]".formatted(choice.path("name").stringValue()));
        default -> {}
      }
      if (choice.path("disable_parallel_tool_use").booleanValue(false)) {
        add("parallel false");
      }
    }

    private void block(String role, JsonNode block) {
      String line = role;
      switch (block.path("type").stringValue()) {
        case "text" -> addText(role, block.path("text"));
        case "image", "document" -> {
          media(role, block.path("source"));
          block.path("title").stringValueOpt().ifPresent(title -> add("user file " + title));
        }
        case "thinking", "redacted_thinking" ->
            add(ClientTranscript.reasoning(block, "/thinking", "/signature", "/data"));
        case "tool_use" ->
            add(ClientTranscript.call(block.path("id"), block.path("name"), block.path("input")));
        case "tool_result" -> {
          line = "tool";
          result(block);
        }
        default -> throw new AssertionError(block);
      }
      mark(line, block);
    }

    private void media(String role, JsonNode source) {
      add(
          role
              + " media "
              + (source.has("url")
                  ? source.path("url").stringValue()
                  : dataUrl(
                      source.path("media_type").stringValue(), source.path("data").stringValue())));
    }

    private void result(JsonNode block) {
      StringBuilder text = new StringBuilder(block.path("content").stringValue(""));
      for (JsonNode part : block.path("content")) {
        assertThat(part.path("text").stringValue("…")).isNotEmpty();
        text.append(part.path("text").stringValue(""));
      }
      add(ClientTranscript.result(block.path("tool_use_id"), text.toString()));
      for (JsonNode part : block.path("content")) {
        if (part.has("source")) {
          media("tool", part.path("source"));
        }
      }
      if (block.path("is_error").booleanValue(false)) {
        add("tool error");
      }
    }
  }

  /// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
  private static final class BedrockTranscript extends ProviderTranscript {
    private BedrockTranscript() {
      super(false);
    }

    @Override
    void read(JsonNode body) {
      body.path("system").forEach(block -> addText("system", block.path("text")));
      for (JsonNode message : body.path("messages")) {
        String role = message.path("role").stringValue();
        addTurn(role, message.path("content"), "/toolUse/toolUseId", "/toolResult/toolUseId");
        message.path("content").forEach(block -> block(role, block));
      }
      JsonNode inference = body.path("inferenceConfig");
      addValue("max_tokens", inference.path("maxTokens"));
      addValue("temperature", inference.path("temperature"));
      addValue("top_p", inference.path("topP"));
      addValue("top_k", body.at("/additionalModelRequestFields/top_k"));
      addValue("stop", inference.path("stopSequences"));
      JsonNode format = body.at("/outputConfig/textFormat/structure/jsonSchema");
      format.path("schema").stringValueOpt().ifPresent(schema -> add("format " + schema));
      format.path("description").stringValueOpt().ifPresent(text -> add("description " + text));
      for (JsonNode tool : body.at("/toolConfig/tools")) {
        JsonNode spec = tool.path("toolSpec");
        add(ClientTranscript.tool(spec, spec.at("/inputSchema/json")));
        addValue("strict", spec.path("strict"));
      }
      JsonNode choice = body.at("/toolConfig/toolChoice");
      if (choice.has("any")) {
        add("choice required []");
      } else if (choice.has("tool")) {
        add("choice required [%s]".formatted(choice.at("/tool/name").stringValue()));
      }
    }

    private void block(String role, JsonNode block) {
      assertThat(block.size()).as("members of a block").isEqualTo(1);
      JsonNode content = block.iterator().next();
      switch (block.propertyNames().iterator().next()) {
        case "text" -> addText(role, content);
        case "image" -> media(role, "image/" + content.path("format").stringValue(), content);
        case "document" -> {
          String format = content.path("format").stringValue();
          media(role, format.equals("pdf") ? "application/pdf" : "text/" + format, content);
          String name = content.path("name").stringValue();
          if (!name.equals("document")) {
            add("user file " + name);
          }
        }
        case "reasoningContent" ->
            add(
                ClientTranscript.reasoning(
                    content,
                    "/reasoningText/text",
                    "/reasoningText/signature",
                    "/redactedContent"));
        case "toolUse" ->
            add(
                ClientTranscript.call(
                    content.path("toolUseId"), content.path("name"), content.path("input")));
        case "toolResult" -> {
          StringBuilder text = new StringBuilder();
          content.path("content").forEach(part -> text.append(part.path("text").stringValue("")));
          add(ClientTranscript.result(content.path("toolUseId"), text.toString()));
          content.path("content").forEach(part -> media("tool", part));
          if (content.path("status").stringValue("").equals("error")) {
            add("tool error");
          }
        }
        default -> throw new AssertionError(block);
      }
    }

    private void media(String role, JsonNode part) {
      if (part.has("image")) {
        media(role, "image/" + part.at("/image/format").stringValue(), part.path("image"));
      }
    }

    private void media(String role, String type, JsonNode content) {
      add(role + " media " + dataUrl(type, content.at("/source/bytes").stringValue()));
    }
  }

  /// https://ai.google.dev/api/generate-content
  private static final class GeminiTranscript extends ProviderTranscript {
    /// The images in results, which may as well stand behind all results of a turn.
    private final List<String> moved = new ArrayList<>();

    private GeminiTranscript() {
      super(true);
    }

    private void addMoved() {
      moved.forEach(this::add);
      moved.clear();
    }

    @Override
    void read(JsonNode body) {
      body.at("/systemInstruction/parts").forEach(part -> part("system", part));
      for (JsonNode content : body.path("contents")) {
        String role = content.path("role").stringValue();
        JsonNode parts = content.path("parts");
        addTurn(role, parts, "/functionCall/id", "/functionResponse/id");
        if (!parts.path(0).has("functionResponse")) {
          addMoved();
        }
        parts.forEach(part -> part(role.equals("model") ? "assistant" : role, part));
      }
      addMoved();
      JsonNode config = body.path("generationConfig");
      addValue("max_tokens", config.path("maxOutputTokens"));
      addValue("temperature", config.path("temperature"));
      addValue("top_p", config.path("topP"));
      addValue("top_k", config.path("topK"));
      addValue("seed", config.path("seed"));
      addValue("presence_penalty", config.path("presencePenalty"));
      addValue("frequency_penalty", config.path("frequencyPenalty"));
      addValue("stop", config.path("stopSequences"));
      addValue("format", config.path("responseJsonSchema"));
      if (config.has("responseMimeType") && !config.has("responseJsonSchema")) {
        add("format json");
      }
      for (JsonNode tool : body.path("tools")) {
        tool.path("functionDeclarations")
            .forEach(function ->
                add(ClientTranscript.tool(function, function.path("parametersJsonSchema"))));
      }
      JsonNode choice = body.at("/toolConfig/functionCallingConfig");
      List<String> names =
          choice.path("allowedFunctionNames").valueStream().map(JsonNode::stringValue).toList();
      switch (choice.path("mode").stringValue("AUTO")) {
        case "NONE" -> add("choice none");
        case "ANY" -> add("choice required " + names);
        default -> assertThat(names).isEmpty();
      }
    }

    private void result(JsonNode response) {
      JsonNode output = response.at("/response/output");
      JsonNode error = response.at("/response/error");
      String text =
          output.isString()
              ? output.stringValue()
              : error.isString() ? error.stringValue() : response.path("response").toString();
      add(ClientTranscript.result(response.path("id"), text));
      response
          .path("parts")
          .forEach(part ->
              moved.add(
                  "user media "
                      + (part.has("fileData")
                          ? part.at("/fileData/fileUri").stringValue()
                          : dataUrl(
                              part.at("/inlineData/mimeType").stringValue(),
                              part.at("/inlineData/data").stringValue()))));
      if (error.isString()) {
        add("tool error");
      }
    }

    private void part(String role, JsonNode part) {
      String signature = part.path("thoughtSignature").stringValue("");
      JsonNode call = part.path("functionCall");
      JsonNode response = part.path("functionResponse");
      if (call.isObject()) {
        add(ClientTranscript.call(call.path("id"), call.path("name"), call.path("args")));
      } else if (response.isObject()) {
        result(response);
      } else if (part.path("thought").booleanValue(false)) {
        assertThat(part.path("text").stringValue()).isNotEmpty();
        add("assistant reasoning " + part.path("text").stringValue());
      } else if (part.has("inlineData")) {
        JsonNode data = part.path("inlineData");
        add(
            role
                + " media "
                + dataUrl(data.path("mimeType").stringValue(), data.path("data").stringValue()));
      } else if (part.has("fileData")) {
        add(role + " media " + part.at("/fileData/fileUri").stringValue());
      } else if (signature.isEmpty() || !part.path("text").stringValue().isEmpty()) {
        addText(role, part.path("text"));
      }
      if (!signature.isEmpty() && !signature.equals(NO_SIGNATURE)) {
        add("assistant signature " + signature);
      }
    }
  }

  private static String dataUrl(String type, String base64) {
    return "data:%s;base64,%s".formatted(type, base64);
  }
}
