package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatMessage;
import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.ChatTool;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.OutputFormat;
import dev.agentlab.conversation.RequestOption;
import dev.agentlab.conversation.ToolChoice;
import dev.agentlab.conversation.UnreadMembers;
import dev.agentlab.errors.InvalidInputException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Reads a client's request of Anthropic's Messages API
/// (https://platform.claude.com/docs/en/api/messages).
///
/// Members, blocks and tools that only Anthropic has are kept as they came. The unread members of
/// `output_config` are the inner ones of the request.
final class AnthropicRequestReader {
  private static final String THINKING = "thinking";
  private static final String OUTPUT_CONFIG = "output_config";

  private final RequestMemberReader members;
  private final Map<RequestOption, Member<JsonNode>> options = new EnumMap<>(RequestOption.class);

  private AnthropicRequestReader(ObjectNode body) {
    members = RequestMemberReader.of(body);
  }

  /// @throws InvalidInputException if the request is not valid; names the member
  static ChatRequest read(ObjectNode body) {
    return new AnthropicRequestReader(body).read();
  }

  private ChatRequest read() {
    Member<String> model = new Member<>("model", members.required("model"));
    boolean isStreaming = members.flag("stream", false);
    if (members.peek("max_tokens").isMissingNode()) {
      throw members.invalid("max_tokens", "is required");
    }
    members.option(RequestOption.MAX_TOKENS, "max_tokens", options);
    members.option(RequestOption.TEMPERATURE, "temperature", options);
    members.option(RequestOption.TOP_P, "top_p", options);
    members.option(RequestOption.TOP_K, "top_k", options);
    stopSequences();
    serviceTier();
    user();
    thinking();
    List<ChatMessage> messages = AnthropicMessageReader.read(members);
    List<ChatTool> tools = AnthropicToolReader.tools(members);
    Optional<Member<ToolChoice>> toolChoice = toolChoice();
    RequestMemberReader output = members.nested(OUTPUT_CONFIG);
    effort(output);
    Optional<Member<OutputFormat>> outputFormat = outputFormat(output);
    UnreadMembers unread = members.unread(output);
    return new ChatRequest(
        model,
        isStreaming,
        messages,
        tools,
        toolChoice,
        outputFormat,
        options,
        unread,
        Optional.of(Anthropic.VENDOR));
  }

  private void stopSequences() {
    JsonNode list = members.list("stop_sequences");
    if (!list.valueStream().allMatch(JsonNode::isString)) {
      throw members.invalid("stop_sequences", "must be an array of strings");
    }
    if (!list.isEmpty()) {
      options.put(RequestOption.STOP_SEQUENCES, new Member<>("stop_sequences", list));
    }
  }

  private void serviceTier() {
    members
        .text("service_tier")
        // The default.
        .filter(tier -> !tier.equals("auto"))
        .ifPresent(tier ->
            options.put(
                RequestOption.SERVICE_TIER,
                new Member<>("service_tier", StringNode.valueOf(tier))));
  }

  private void user() {
    RequestMemberReader metadata = members.nested("metadata");
    metadata
        .text("user_id")
        .ifPresent(id ->
            options.put(
                RequestOption.USER,
                new Member<>(metadata.path("user_id"), StringNode.valueOf(id))));
    ObjectNode rest = metadata.unread().members();
    if (!rest.isEmpty()) {
      options.put(RequestOption.METADATA, new Member<>("metadata", rest));
    }
  }

  /// Reads what other vendors know of the settings. Adaptive thinking is what they do by default;
  /// settings of an unknown type stay unread.
  private void thinking() {
    JsonNode settings = members.peek(THINKING);
    if (settings.isMissingNode()) {
      return;
    }
    RequestMemberReader thinking = members.nested(THINKING, settings);
    switch (thinking.required("type")) {
      case "enabled" -> {
        JsonNode budget = thinking.number("budget_tokens");
        if (budget.isMissingNode()) {
          throw thinking.invalid("budget_tokens", "is required");
        }
        options.put(
            RequestOption.REASONING_BUDGET, new Member<>(thinking.path("budget_tokens"), budget));
      }
      case "disabled" ->
          options.put(
              RequestOption.REASONING_EFFORT,
              new Member<>(thinking.path("type"), StringNode.valueOf("none")));
      case "adaptive" -> {}
      default -> {
        return;
      }
    }
    options.put(RequestOption.REASONING_SETTINGS, new Member<>(THINKING, members.take(THINKING)));
  }

  /// The effort stays unread if thinking is disabled: it then concerns only the length of the text.
  private void effort(RequestMemberReader output) {
    if (!options.containsKey(RequestOption.REASONING_EFFORT)) {
      output
          .text("effort")
          .ifPresent(effort ->
              options.put(
                  RequestOption.REASONING_EFFORT,
                  new Member<>(output.path("effort"), StringNode.valueOf(effort))));
    }
  }

  private static Optional<Member<OutputFormat>> outputFormat(RequestMemberReader output) {
    if (!(output.object("format") instanceof ObjectNode json)) {
      return Optional.empty();
    }
    RequestMemberReader format = output.nested("format", json);
    if (!format.required("type").equals("json_schema")) {
      throw format.invalid("type", "must be json_schema");
    }
    if (!(format.object("schema") instanceof ObjectNode schema)) {
      throw format.invalid("schema", "is required");
    }
    // Anthropic always guarantees the schema.
    return Optional.of(
        new Member<>(
            output.path("format"),
            new OutputFormat.SchemaJson(
                Optional.empty(), Optional.empty(), schema, Optional.of(true), format.unread())));
  }

  private Optional<Member<ToolChoice>> toolChoice() {
    if (!(members.object("tool_choice") instanceof ObjectNode json)) {
      return Optional.empty();
    }
    RequestMemberReader choice = members.nested("tool_choice", json);
    if (choice.flag("disable_parallel_tool_use", false)) {
      options.put(
          RequestOption.PARALLEL_TOOL_CALLS,
          new Member<>(choice.path("disable_parallel_tool_use"), BooleanNode.FALSE));
    }
    ToolChoice value =
        switch (choice.required("type")) {
          case "auto" -> new ToolChoice.AutomaticChoice();
          case "any" -> new ToolChoice.AnyTool();
          case "none" -> new ToolChoice.NoTool();
          case "tool" -> new ToolChoice.NamedFunction(choice.required("name"));
          default -> throw choice.invalid("type", "must be auto, any, tool or none");
        };
    return Optional.of(new Member<>("tool_choice", value));
  }
}
