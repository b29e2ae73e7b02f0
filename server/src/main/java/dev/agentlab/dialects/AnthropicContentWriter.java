package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceFinished;
import dev.agentlab.conversation.StreamEvent.ChoiceVendorData;
import dev.agentlab.conversation.StreamEvent.LogProbabilities;
import dev.agentlab.conversation.StreamEvent.MessageStarted;
import dev.agentlab.conversation.StreamEvent.ReasoningDelta;
import dev.agentlab.conversation.StreamEvent.ReasoningEnded;
import dev.agentlab.conversation.StreamEvent.ReasoningStarted;
import dev.agentlab.conversation.StreamEvent.ResponseFailed;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.StreamEvent.ResponseStarted;
import dev.agentlab.conversation.StreamEvent.TextDelta;
import dev.agentlab.conversation.StreamEvent.TextEnded;
import dev.agentlab.conversation.StreamEvent.TextStarted;
import dev.agentlab.conversation.StreamEvent.ToolInputDelta;
import dev.agentlab.conversation.StreamEvent.ToolInputEnded;
import dev.agentlab.conversation.StreamEvent.ToolInputStarted;
import dev.agentlab.conversation.StreamEvent.VendorContent;
import dev.agentlab.conversation.TokenClass;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.conversation.VendorMembers;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes the events of a response as the content blocks of Anthropic's `message`
/// (https://platform.claude.com/docs/en/api/messages), for clients of that API: what complete
/// responses and streams share.
///
/// The blocks are in the order of their first content, and none is empty, because Anthropic rejects
/// empty texts in the next request. The message has only the first choice: the API knows no others.
///
/// Data of the vendor `anthropic` stands at its own place. Content of another vendor is written to
/// an [ReplayCarrier] before the block that follows it, or at the end. Readable reasoning of
/// another vendor is a `thinking` block with an empty signature. Data about the choice or the
/// response, which no request repeats, is in the member `extra_content` of the message, as in
/// OpenAI's dialect.
///
/// @param <B> an open block
abstract sealed class AnthropicContentWriter<B>
    permits AnthropicResponseWriter, AnthropicStreamWriter {
  static final String EXTRA_CONTENT = "extra_content";

  private static final int CHOICE = 0;

  /// The vendor that has the text of a refusal in a member of its own.
  private static final String OPEN_AI = ChatCompletions.VENDOR;

  private static final int REFUSAL_BLOCK = -1;
  private static final int NO_BLOCK = -2;

  /// The stop reasons that other vendors of Anthropic's models use as well. Not `end_turn`: some
  /// models end with it after a tool call.
  private static final Set<String> STOP_REASONS =
      Set.of(
          "max_tokens",
          "stop_sequence",
          "tool_use",
          "pause_turn",
          "refusal",
          "model_context_window_exceeded");

  private final String requestedModel;
  private final Instant at;
  private final Map<Integer, B> open = new HashMap<>();

  /// The text that has started and not ended, to which citations belong.
  private int openText = NO_BLOCK;

  private int callCount;
  private boolean hasRefusal;
  private Optional<ChoiceFinished> finish = Optional.empty();
  private TokenUsage usage = TokenUsage.NONE;

  /// The content of other vendors that waits for the next block.
  private final WaitingContent waiting = new WaitingContent();

  /// Anthropic's members of the message.
  private final ObjectNode members = ProviderJson.object();

  /// The data of other vendors about the choice and the response.
  private final ObjectNode extraContent = ProviderJson.object();

  /// The memory of [#members] and [#extraContent], in bytes.
  private long memberBytes;

  /// @param requestedModel the model if the response does not name one
  /// @param at when the response began
  AnthropicContentWriter(String requestedModel, Instant at) {
    this.requestedModel = requestedModel;
    this.at = at;
  }

  /// Begins a block of text.
  abstract B beginText();

  /// Begins a block of readable thinking.
  abstract B beginThinking();

  /// Begins the call of a tool.
  abstract B beginToolUse(String id, String name);

  /// Appends a part of the text, the thinking or the JSON input of a tool.
  abstract void append(B block, String part);

  /// Adds a citation to a text.
  abstract void addCitation(B text, JsonNode citation);

  /// Ends a block of thinking.
  ///
  /// @param original the whole block, if Anthropic wrote it
  abstract void endThinking(B block, Optional<ObjectNode> original);

  /// Ends any other block.
  abstract void end(B block);

  /// Adds a complete block.
  abstract void add(ObjectNode block);

  /// Adds the content of an event.
  final void addContent(StreamEvent event) {
    switch (event) {
      case ChoiceEvent choiceEvent -> {
        if (choiceEvent.choice() == CHOICE) {
          addContent(choiceEvent);
        }
      }
      case ResponseFinished finished -> {
        open.values().forEach(this::end);
        open.clear();
        writeWaiting();
        usage = finished.usage();
        finished.vendorData().ifPresent(this::addMembers);
      }
      case ResponseStarted _, ResponseFailed _ -> {}
    }
  }

  private void addContent(ChoiceEvent event) {
    switch (event) {
      case TextStarted started -> openText = started.block();
      case TextDelta delta -> text(delta.block(), delta.text());
      case TextEnded ended -> {
        openText = NO_BLOCK;
        endBlock(ended.block());
      }
      case ReasoningDelta delta -> {
        if (!delta.text().isEmpty()) {
          append(block(delta.block(), this::beginThinking), delta.text());
        }
      }
      case ReasoningEnded ended -> endReasoning(ended);
      case ToolInputStarted started -> startTool(started);
      case ToolInputDelta delta -> {
        B block = open.get(delta.block());
        if (block != null) {
          append(block, delta.input());
        }
      }
      case ToolInputEnded ended -> endBlock(ended.block());
      case VendorContent content -> addVendorContent(content.content());
      case ChoiceVendorData data -> addMembers(data.data());
      case ChoiceFinished finished -> finish = Optional.of(finished);
      case MessageStarted _, ReasoningStarted _, LogProbabilities _ -> {}
    }
  }

  private void text(int id, String text) {
    if (!text.isEmpty()) {
      append(block(id, this::beginText), text);
    }
  }

  /// The open block with an id, which begins with its first content.
  private B block(int id, Supplier<B> begin) {
    B block = open.get(id);
    return block == null ? beginBlock(id, begin) : block;
  }

  private B beginBlock(int id, Supplier<B> begin) {
    writeWaiting();
    B block = begin.get();
    open.put(id, block);
    return block;
  }

  private void endBlock(int id) {
    B block = open.remove(id);
    if (block != null) {
      end(block);
    }
  }

  private void endReasoning(ReasoningEnded ended) {
    Optional<ObjectNode> original = ended.original().flatMap(AnthropicContentWriter::ownBlock);
    Optional<ObjectNode> thinking = original.filter(AnthropicContentWriter::isThinking);
    if (thinking.isPresent()) {
      // The text may be omitted, and only signed.
      block(ended.block(), this::beginThinking);
    }
    B block = open.remove(ended.block());
    if (block != null) {
      endThinking(block, thinking);
    }
    if (original.isPresent() && thinking.isEmpty()) {
      addBlock(original.get());
    } else if (original.isEmpty()) {
      ended.original().ifPresent(this::addVendorContent);
    }
  }

  private static Optional<ObjectNode> ownBlock(VendorMembers original) {
    return isOwn(original) && original.members().path("content").path(0) instanceof ObjectNode block
        ? Optional.of(block)
        : Optional.empty();
  }

  private static boolean isOwn(VendorMembers data) {
    return data.vendor().equals(Anthropic.VENDOR);
  }

  private static boolean isThinking(ObjectNode block) {
    return block.path("type").stringValue("").equals("thinking");
  }

  private void startTool(ToolInputStarted started) {
    // Some servers give no ids, but the client needs them to return the results.
    String id =
        started.callId().isEmpty()
            ? "toolu_%d_%d".formatted(at.toEpochMilli(), callCount)
            : started.callId();
    callCount++;
    writeWaiting();
    started
        .vendorData()
        .ifPresent(data ->
            add(
                carrier(
                    ProviderJson.object().set(data.vendor(), data.members()), Optional.of(id))));
    append(beginBlock(started.block(), () -> beginToolUse(id, started.name())), started.input());
  }

  private void addVendorContent(VendorMembers content) {
    content.members().forEachEntry((name, value) -> addVendorContent(content, name, value));
  }

  private void addVendorContent(VendorMembers content, String name, JsonNode value) {
    if (isOwn(content) && name.equals("content")) {
      value.forEach(this::addBlock);
    } else if (isOwn(content) && name.equals("citations") && openText != NO_BLOCK) {
      value.forEach(citation -> addCitation(block(openText, this::beginText), citation));
    } else if (content.vendor().equals(OPEN_AI) && name.equals("refusal") && value.isString()) {
      hasRefusal |= !value.stringValue().isEmpty();
      text(REFUSAL_BLOCK, value.stringValue());
    } else {
      waiting.add(content.vendor(), name, value);
    }
  }

  private void addBlock(JsonNode block) {
    if (block instanceof ObjectNode json) {
      writeWaiting();
      add(json);
    }
  }

  private void writeWaiting() {
    if (!waiting.isEmpty()) {
      add(carrier(waiting.take(), Optional.empty()));
    }
  }

  private static ObjectNode carrier(ObjectNode byVendor, Optional<String> call) {
    return ProviderJson.object()
        .put("type", "redacted_thinking")
        .put("data", ReplayCarrier.encode(byVendor, call));
  }

  /// Adds data about the message, except Anthropic's stop reason, which is that of [#finish]. Of a
  /// member that chunks repeat, the last value counts.
  private void addMembers(VendorMembers data) {
    data.members()
        .forEachEntry((name, value) -> {
          if (value.isNull() || (isOwn(data) && name.equals("stop_reason"))) {
            return;
          }
          ObjectNode target =
              isOwn(data) ? members : extraContent.withObjectProperty(data.vendor());
          memberBytes += WaitingContent.set(target, name, value);
        });
  }

  /// The id of the message, which the API requires.
  final String id(ResponseStarted start) {
    return start.id().orElse("msg_" + at.toEpochMilli());
  }

  final String model(ResponseStarted start) {
    return start.model().orElse(requestedModel);
  }

  final Optional<ChoiceFinished> finish() {
    return finish;
  }

  final TokenUsage usage() {
    return usage;
  }

  /// Anthropic's members of the message, without the stop reason.
  final ObjectNode members() {
    return members;
  }

  /// The data of other vendors about the message.
  final ObjectNode extraContent() {
    return extraContent;
  }

  /// The memory of what waits to be written, in bytes.
  long retainedBytes() {
    return waiting.retainedBytes() + memberBytes;
  }

  /// The `stop_reason`. Some servers end a message with tool calls as one without.
  final String stopReason() {
    String word = finish.map(ChoiceFinished::vendorReason).orElse("");
    boolean isOwn = finish.filter(it -> it.vendor().equals(Anthropic.VENDOR)).isPresent();
    if (STOP_REASONS.contains(word) || (isOwn && !word.isEmpty())) {
      return word;
    }
    return switch (finish.map(ChoiceFinished::reason).orElse(FinishReason.STOP)) {
      case LENGTH -> "max_tokens";
      case TOOL_CALLS -> "tool_use";
      case CONTENT_FILTER -> "refusal";
      case STOP, OTHER -> regularStopReason();
    };
  }

  private String regularStopReason() {
    if (hasRefusal) {
      return "refusal";
    }
    return callCount > 0 ? "tool_use" : "end_turn";
  }

  /// Writes the `usage` object. Its counts of input exclude each other, and its output includes the
  /// thinking. Counts that the provider does not report are 0, because clients add them.
  static ObjectNode usage(TokenUsage usage) {
    ObjectNode json =
        ProviderJson.object()
            .put("input_tokens", usage.input())
            .put("cache_creation_input_tokens", usage.cacheWrites())
            .put("cache_read_input_tokens", usage.count(TokenClass.CACHED_INPUT));
    if (usage.cacheWrites() > 0) {
      json.putObject("cache_creation")
          .put("ephemeral_5m_input_tokens", usage.count(TokenClass.CACHE_WRITE_5_MINUTES))
          .put("ephemeral_1h_input_tokens", usage.count(TokenClass.CACHE_WRITE_1_HOUR));
    }
    json.put("output_tokens", usage.output());
    if (usage.counts().containsKey(TokenClass.REASONING)) {
      json.putObject("output_tokens_details")
          .put("thinking_tokens", usage.count(TokenClass.REASONING));
    }
    usage
        .further()
        .ifPresent(further -> {
          if (isOwn(further)) {
            json.setAll(further.members());
          } else {
            json.putObject(EXTRA_CONTENT).set(further.vendor(), further.members());
          }
        });
    return json;
  }
}
