package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.ChatTool;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.OutputFormat;
import dev.agentlab.conversation.RequestOption;
import dev.agentlab.conversation.ToolChoice;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes the options of an agent, which are members of OpenAI's chats, as those of its Responses
/// API (https://platform.openai.com/docs/api-reference/responses/create).
final class ResponsesOptionWriter {
  private static final String NO_EQUIVALENT = "the Responses API has no equivalent";
  private static final String TYPE = "type";
  private static final String FUNCTION = "function";
  private static final String CUSTOM = "custom";
  private static final String TEXT = "text";

  /// The name of a schema, which the API requires.
  private static final String DEFAULT_SCHEMA_NAME = "response";

  private final ChatRequest defaults;
  private final TranslationWarnings warnings;
  private final ObjectNode json = ProviderJson.object();

  /// @param warnings collects the warnings about what the API has no equivalent for
  ResponsesOptionWriter(ChatRequest defaults, TranslationWarnings warnings) {
    this.defaults = defaults;
    this.warnings = warnings;
  }

  /// The options. Those that OpenAI's chats do not have either are unchanged.
  ObjectNode json() {
    defaults.options().forEach(this::write);
    if (!defaults.tools().isEmpty()) {
      ArrayNode tools = json.putArray("tools");
      defaults.tools().forEach(tool -> tools.add(tool(tool)));
    }
    defaults.toolChoice().ifPresent(choice -> json.set("tool_choice", toolChoice(choice.value())));
    defaults
        .outputFormat()
        .ifPresent(
            format -> json.withObjectProperty(TEXT).set("format", outputFormat(format.value())));
    ChatCompletions.merge(defaults.unread().members(), json);
    return json;
  }

  private void write(RequestOption option, Member<JsonNode> member) {
    JsonNode value = member.value();
    switch (option) {
      case MAX_TOKENS -> json.set("max_output_tokens", value);
      case REASONING_EFFORT -> json.withObjectProperty("reasoning").set("effort", value);
      case VERBOSITY -> json.withObjectProperty(TEXT).set("verbosity", value);
      case LOG_PROBABILITIES -> {
        if (value.booleanValue()) {
          json.putArray("include").add("message.output_text.logprobs");
        }
      }
      // The usage is always included.
      case STREAM_OPTIONS -> {
        ObjectNode rest = ProviderJson.object();
        value.forEachEntry(rest::set);
        rest.remove("include_usage");
        if (!rest.isEmpty()) {
          json.set("stream_options", rest);
        }
      }
      case CHOICES -> ignoreUnless(value.asDouble() == 1, member);
      case MODALITIES ->
          ignoreUnless(value.valueStream().allMatch(it -> it.asString("").equals(TEXT)), member);
      case STOP_SEQUENCES,
          REASONING_BUDGET,
          REASONING_SETTINGS,
          LOGIT_BIAS,
          AUDIO_OUTPUT,
          WEB_SEARCH,
          SEED,
          PRESENCE_PENALTY,
          FREQUENCY_PENALTY,
          PREDICTION ->
          ignoreUnless(!RequestMemberReader.hasEffect(value), member);
      case TEMPERATURE,
          TOP_P,
          TOP_K,
          TOP_LOG_PROBABILITIES,
          PARALLEL_TOOL_CALLS,
          PROMPT_CACHE_KEY,
          PROMPT_CACHE_RETENTION,
          STORE,
          SERVICE_TIER,
          METADATA,
          USER,
          SAFETY_IDENTIFIER ->
          json.set(member.path(), value);
    }
  }

  private void ignoreUnless(boolean hasNoEffect, Member<JsonNode> member) {
    if (!hasNoEffect) {
      warnings.addIgnored(member.path(), NO_EQUIVALENT);
    }
  }

  private JsonNode tool(ChatTool tool) {
    return switch (tool) {
      case ChatTool.FunctionTool function -> {
        ObjectNode flat = named(FUNCTION, function.name());
        function.description().ifPresent(text -> flat.put("description", text));
        function
            .parameters()
            .ifPresentOrElse(
                schema -> flat.set("parameters", schema.value()),
                () -> flat.putObject("parameters").put(TYPE, "object").putObject("properties"));
        // The default of this API is the opposite.
        flat.put("strict", function.strict().map(Member::value).orElse(false));
        warnings.addIgnored(function.extensions(), NO_EQUIVALENT);
        yield flat;
      }
      case ChatTool.VendorTool(_, _, JsonNode definition) -> flatten(definition);
    };
  }

  /// A custom tool, or the choice of one, whose fields are in an inner object in a chat. Others are
  /// unchanged.
  private static JsonNode flatten(JsonNode element) {
    if (!(element.path(CUSTOM) instanceof ObjectNode inner)) {
      return element;
    }
    ObjectNode flat = ProviderJson.object().put(TYPE, CUSTOM);
    flat.setAll(inner);
    if (inner.at("/format/grammar") instanceof ObjectNode grammar) {
      flat.set("format", ProviderJson.object().put(TYPE, "grammar").setAll(grammar));
    }
    return flat;
  }

  private static JsonNode toolChoice(ToolChoice choice) {
    ObjectNode object = ProviderJson.object();
    return switch (choice) {
      case ToolChoice.AutomaticChoice() -> object.stringNode("auto");
      case ToolChoice.NoTool() -> object.stringNode("none");
      case ToolChoice.AnyTool() -> object.stringNode("required");
      case ToolChoice.NamedFunction(String name) -> named(FUNCTION, name);
      case ToolChoice.AllowedFunctions(boolean isRequired, List<String> names) -> {
        object.put(TYPE, "allowed_tools").put("mode", isRequired ? "required" : "auto");
        ArrayNode tools = object.putArray("tools");
        names.forEach(name -> tools.add(named(FUNCTION, name)));
        yield object;
      }
      case ToolChoice.VendorChoice(JsonNode definition) -> flatten(definition);
    };
  }

  private static ObjectNode named(String type, String name) {
    return ProviderJson.object().put(TYPE, type).put("name", name);
  }

  private JsonNode outputFormat(OutputFormat format) {
    ObjectNode object = ProviderJson.object();
    return switch (format) {
      case OutputFormat.PlainText() -> object.put(TYPE, TEXT);
      case OutputFormat.AnyJson _ -> object.put(TYPE, "json_object");
      case OutputFormat.SchemaJson schema -> {
        object.put(TYPE, "json_schema").put("name", schema.name().orElse(DEFAULT_SCHEMA_NAME));
        schema.description().ifPresent(text -> object.put("description", text));
        schema.strict().ifPresent(strict -> object.put("strict", strict));
        object.set("schema", schema.schema());
        warnings.addIgnored(schema.unread(), NO_EQUIVALENT);
        yield object;
      }
      case OutputFormat.VendorFormat vendor -> vendor.definition();
    };
  }
}
