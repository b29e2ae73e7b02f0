package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.ChatTool;
import dev.agentlab.conversation.Extensions;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.OutputFormat;
import dev.agentlab.conversation.RequestOption;
import dev.agentlab.conversation.ToolChoice;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.secrets.Sha256;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes a request for a provider of the OpenAI family
/// (https://platform.openai.com/docs/api-reference/chat).
///
/// The request of a client that speaks this API too loses nothing. That of another one has only
/// what the API defines.
final class ChatCompletionsRequestWriter {
  private static final String TYPE = "type";
  private static final String FUNCTION = "function";
  private static final String NO_EQUIVALENT = "the API has no equivalent";

  private static final String NO_BUDGET = "the API has no limit on reasoning tokens";

  /// The name of a schema, which the API requires.
  private static final String DEFAULT_SCHEMA_NAME = "response";

  /// The maximum length of the member `user`.
  private static final int MAX_USER_LENGTH = 64;

  private final ChatRequest request;
  private final TranslationWarnings warnings;
  private final ChatCompletionsMemberWriter members;
  private final ObjectNode body = ProviderJson.object();

  /// @param warnings collects the warnings about what the API has no equivalent for
  ChatCompletionsRequestWriter(ChatRequest original, TranslationWarnings warnings) {
    this.request =
        new VendorElementFilter(NO_EQUIVALENT, warnings).filter(original, ChatCompletions.VENDOR);
    this.warnings = warnings;
    boolean isOwnClient = request.vendor().map(ChatCompletions.VENDOR::equals).orElse(true);
    this.members = new ChatCompletionsMemberWriter(isOwnClient, warnings);
  }

  /// @throws InvalidInputException if the request uses a feature that the API does not support
  ObjectNode json() {
    body.put("model", request.model().value());
    new ChatCompletionsMessageWriter(members, body.putArray("messages")).write(request.messages());
    if (request.isStreaming()) {
      body.put("stream", true);
    }
    if (!request.tools().isEmpty()) {
      ArrayNode tools = body.putArray("tools");
      request.tools().forEach(tool -> tools.add(tool(tool)));
    }
    request.toolChoice().ifPresent(choice -> body.set("tool_choice", toolChoice(choice.value())));
    request
        .outputFormat()
        .ifPresent(format -> body.set("response_format", outputFormat(format.value())));
    request
        .options()
        .forEach((option, member) -> {
          if (members.isOwnClient()) {
            write(option, member);
          } else {
            translate(option, member);
          }
        });
    members.write(request.unread(), body);
    return body;
  }

  /// Writes an option as the client wrote it.
  private void write(RequestOption option, Member<JsonNode> member) {
    switch (option) {
      // Providers that know only one of the two names must receive the one that the client chose.
      case MAX_TOKENS ->
          body.set(
              member.path().equals("max_tokens") ? "max_tokens" : "max_completion_tokens",
              member.value());
      case STOP_SEQUENCES -> body.set("stop", member.value());
      case REASONING_BUDGET -> warnings.addIgnored(member.path(), NO_BUDGET);
      case REASONING_SETTINGS -> {}
      default ->
          body.set(
              Optional.ofNullable(ChatCompletions.OPTIONS.get(option)).orElseThrow(),
              member.value());
    }
  }

  /// Writes an option of a client that speaks another API.
  private void translate(RequestOption option, Member<JsonNode> member) {
    switch (option) {
      // The deprecated name is rejected by OpenAI's reasoning models. A provider that knows only
      // that one has a rule.
      case MAX_TOKENS -> body.set("max_completion_tokens", member.value());
      case TOP_K, METADATA -> warnings.addIgnored(member.path(), NO_EQUIVALENT);
      case REASONING_BUDGET -> writeBudget(member);
      case SERVICE_TIER -> writeServiceTier(member);
      case USER -> body.put("user", user(member));
      default -> write(option, member);
    }
  }

  /// Writes the effort that stands for a similar budget with other vendors, unless the client set
  /// one.
  private void writeBudget(Member<JsonNode> budget) {
    if (request.options().containsKey(RequestOption.REASONING_EFFORT)) {
      warnings.addIgnored(budget.path(), NO_BUDGET);
      return;
    }
    String effort = ReasoningEffort.ofBudget(budget.value());
    warnings.add(budget.path(), "becomes the reasoning effort " + effort + ": " + NO_BUDGET);
    body.put("reasoning_effort", effort);
  }

  private void writeServiceTier(Member<JsonNode> tier) {
    if (request.vendor().equals(Optional.of(ResponsesRequestReader.VENDOR))) {
      // OpenAI's APIs have the same tiers.
      body.set("service_tier", tier.value());
    } else if (tier.value().stringValue("").equals("standard_only")) {
      body.put("service_tier", "default");
    } else {
      warnings.addIgnored(tier.path(), NO_EQUIVALENT);
    }
  }

  /// The user's id, or its hash if it is longer than the API accepts.
  private String user(Member<JsonNode> member) {
    String id = member.value().asString();
    if (id.length() <= MAX_USER_LENGTH) {
      return id;
    }
    warnings.add(
        member.path(),
        "is sent as its SHA-256 hash: the API accepts at most %d characters"
            .formatted(MAX_USER_LENGTH));
    return HexFormat.of().formatHex(Sha256.of(id));
  }

  private JsonNode tool(ChatTool tool) {
    if (!(tool instanceof ChatTool.FunctionTool function)) {
      return ((ChatTool.VendorTool) tool).definition();
    }
    ObjectNode json = ProviderJson.object().put(TYPE, FUNCTION);
    ObjectNode definition = json.putObject(FUNCTION).put("name", function.name());
    function.description().ifPresent(text -> definition.put("description", text));
    function.parameters().ifPresent(schema -> definition.set("parameters", schema.value()));
    function.strict().ifPresent(strict -> definition.put("strict", strict.value()));
    members.write(function.extensions(), json, FUNCTION);
    return json;
  }

  private static JsonNode toolChoice(ToolChoice choice) {
    ObjectNode json = ProviderJson.object();
    return switch (choice) {
      case ToolChoice.AutomaticChoice() -> json.stringNode("auto");
      case ToolChoice.NoTool() -> json.stringNode("none");
      case ToolChoice.AnyTool() -> json.stringNode("required");
      case ToolChoice.NamedFunction(String name) -> function(name);
      case ToolChoice.AllowedFunctions(boolean isRequired, List<String> names) -> {
        ObjectNode allowed = json.put(TYPE, "allowed_tools").putObject("allowed_tools");
        ArrayNode tools = allowed.put("mode", isRequired ? "required" : "auto").putArray("tools");
        names.forEach(name -> tools.add(function(name)));
        yield json;
      }
      case ToolChoice.VendorChoice(JsonNode definition) -> definition;
    };
  }

  private static ObjectNode function(String name) {
    ObjectNode json = ProviderJson.object().put(TYPE, FUNCTION);
    json.putObject(FUNCTION).put("name", name);
    return json;
  }

  private JsonNode outputFormat(OutputFormat format) {
    ObjectNode json = ProviderJson.object();
    return switch (format) {
      case OutputFormat.PlainText() -> json.put(TYPE, "text");
      case OutputFormat.AnyJson _ -> json.put(TYPE, "json_object");
      case OutputFormat.SchemaJson schema -> {
        ObjectNode definition = json.put(TYPE, "json_schema").putObject("json_schema");
        schema.name().ifPresent(name -> definition.put("name", name));
        if (schema.name().isEmpty() && !members.isOwnClient()) {
          definition.put("name", DEFAULT_SCHEMA_NAME);
        }
        schema.description().ifPresent(text -> definition.put("description", text));
        schema.strict().ifPresent(strict -> definition.put("strict", strict));
        definition.set("schema", schema.schema());
        members.write(new Extensions(Optional.empty(), schema.unread()), json, "json_schema");
        yield json;
      }
      case OutputFormat.VendorFormat vendor -> vendor.definition();
    };
  }
}
