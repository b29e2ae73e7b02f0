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

/// Reads a client's request of OpenAI's Responses API
/// (https://platform.openai.com/docs/api-reference/responses/create), for a provider that does not
/// have this API.
///
/// What earlier responses are about is in the input: references to them have been replaced by their
/// items before. Whether the response is stored concerns only the service.
final class ResponsesRequestReader {
  /// The vendor of what only this API has. Not that of OpenAI's chats, to which it is as foreign as
  /// to other providers.
  static final String VENDOR = "openai_responses";

  private static final String NOT_STORED = "is not stored here: send the whole input";

  private final RequestMemberReader members;
  private final Map<RequestOption, Member<JsonNode>> options = new EnumMap<>(RequestOption.class);

  /// What is ignored because only OpenAI's servers do it, by path.
  private final ObjectNode ignored = ProviderJson.object();

  private ResponsesRequestReader(ObjectNode body) {
    members = RequestMemberReader.of(body);
  }

  /// @throws InvalidInputException if the request is not valid, or needs OpenAI's servers; names
  ///   the member
  static ChatRequest read(ObjectNode body) {
    return new ResponsesRequestReader(body).read();
  }

  private ChatRequest read() {
    Member<String> model = new Member<>("model", members.required("model"));
    boolean isStreaming = members.flag("stream", false);
    rejectStored();
    members.option(RequestOption.MAX_TOKENS, "max_output_tokens", options);
    members.option(RequestOption.TEMPERATURE, "temperature", options);
    members.option(RequestOption.TOP_P, "top_p", options);
    members.option(RequestOption.PARALLEL_TOOL_CALLS, "parallel_tool_calls", options);
    if (members.object("metadata") instanceof ObjectNode metadata) {
      options.put(RequestOption.METADATA, new Member<>("metadata", metadata));
    }
    text(RequestOption.USER, members, "user");
    text(RequestOption.SAFETY_IDENTIFIER, members, "safety_identifier");
    text(RequestOption.PROMPT_CACHE_KEY, members, "prompt_cache_key");
    text(RequestOption.PROMPT_CACHE_RETENTION, members, "prompt_cache_retention");
    serviceTier();
    topLogProbabilities();
    includes();
    RequestMemberReader reasoning = members.nested("reasoning");
    reasoning(reasoning);
    RequestMemberReader text = members.nested("text");
    Optional<Member<OutputFormat>> outputFormat = outputFormat(text);
    RequestMemberReader streamOptions = members.nested("stream_options");
    // The usage is a part of every response; a chat has it in its last chunk.
    streamOptions.take("include_usage");
    JsonNode input = members.take("input");
    ResponsesToolNames names = ResponsesToolNames.of(members.peek("tools"), input);
    ResponsesToolReader toolReader = new ResponsesToolReader(members, names);
    List<ChatTool> tools = toolReader.read(input);
    Optional<Member<ToolChoice>> toolChoice = toolReader.choice();
    if (tools.isEmpty()) {
      // Clients send the defaults also without tools, which chats reject.
      options.remove(RequestOption.PARALLEL_TOOL_CALLS);
      toolChoice = toolChoice.filter(it -> !(it.value() instanceof ToolChoice.AutomaticChoice));
    }
    List<ChatMessage> messages = new ResponsesItemReader(members, names).read(input);
    return new ChatRequest(
        model,
        isStreaming,
        messages,
        tools,
        toolChoice,
        outputFormat,
        options,
        unread(reasoning, text, streamOptions),
        Optional.of(VENDOR));
  }

  /// Rejects what would need the state of OpenAI's servers.
  private void rejectStored() {
    members.take("store");
    // Its conversation is in the input.
    members.take("previous_response_id");
    members
        .text("truncation")
        .filter(truncation -> !truncation.equals("disabled"))
        .ifPresent(truncation -> ignored.put("truncation", truncation));
    members.reject("background", "is not supported by the provider");
    members.reject("conversation", NOT_STORED);
    members.reject("prompt", "is not stored here: send instructions and input");
    members.reject("max_tool_calls", "is not supported: the provider has no tools of its own");
  }

  private void text(RequestOption option, RequestMemberReader object, String name) {
    object
        .text(name)
        .ifPresent(value ->
            options.put(option, new Member<>(object.path(name), StringNode.valueOf(value))));
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

  private void topLogProbabilities() {
    JsonNode count = members.number("top_logprobs");
    if (!count.isMissingNode() && count.decimalValue().signum() != 0) {
      Member<JsonNode> top = new Member<>("top_logprobs", count);
      options.put(RequestOption.TOP_LOG_PROBABILITIES, top);
      options.put(RequestOption.LOG_PROBABILITIES, new Member<>("top_logprobs", BooleanNode.TRUE));
    }
  }

  private void includes() {
    JsonNode list = members.list("include");
    for (int i = 0; i < list.size(); i++) {
      String path = "include[" + i + "]";
      String value = list.path(i).stringValue("");
      switch (value) {
        case "message.output_text.logprobs" ->
            options.putIfAbsent(
                RequestOption.LOG_PROBABILITIES, new Member<>(path, BooleanNode.TRUE));
        // Every response has what the provider needs back.
        case "reasoning.encrypted_content" -> {}
        case "" -> throw members.invalid(path, "must be a string");
        default -> ignored.put(path, value);
      }
    }
  }

  /// Reads the effort, and whether the client reads the reasoning.
  private void reasoning(RequestMemberReader reasoning) {
    text(RequestOption.REASONING_EFFORT, reasoning, "effort");
    // The first name is deprecated.
    text(RequestOption.REASONING_SETTINGS, reasoning, "generate_summary");
    text(RequestOption.REASONING_SETTINGS, reasoning, "summary");
  }

  private Optional<Member<OutputFormat>> outputFormat(RequestMemberReader text) {
    text(RequestOption.VERBOSITY, text, "verbosity");
    if (!(text.object("format") instanceof ObjectNode json)) {
      return Optional.empty();
    }
    RequestMemberReader format = text.nested("format", json);
    OutputFormat value =
        switch (format.required("type")) {
          case "text" -> new OutputFormat.PlainText();
          case "json_object" -> new OutputFormat.AnyJson(format.path("type"));
          case "json_schema" -> schemaFormat(format);
          default -> throw format.invalid("type", "must be text, json_object or json_schema");
        };
    return Optional.of(new Member<>(text.path("format"), value));
  }

  private static OutputFormat schemaFormat(RequestMemberReader format) {
    if (!(format.object("schema") instanceof ObjectNode schema)) {
      throw format.invalid("schema", "is required");
    }
    Optional<Boolean> strict =
        format.peek("strict").isMissingNode()
            ? Optional.empty()
            : Optional.of(format.flag("strict", false));
    return new OutputFormat.SchemaJson(
        format.text("name"), format.text("description"), schema, strict, format.unread());
  }

  /// The members that are not read.
  private UnreadMembers unread(RequestMemberReader... inner) {
    UnreadMembers unread = members.unread(inner);
    ObjectNode all = ProviderJson.object();
    all.setAll(unread.members()).setAll(ignored);
    return new UnreadMembers(unread.path(), all, unread.inner());
  }
}
