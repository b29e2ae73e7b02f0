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
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.conversation.VendorMembers;
import dev.agentlab.dialects.ResponsesToolNames.Kind;
import dev.agentlab.dialects.ResponsesToolNames.Tool;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes the events of a response as the items of a `response` object
/// (https://platform.openai.com/docs/api-reference/responses/object), for clients of the Responses
/// API: what complete responses and streams share. The response has only the first choice: the API
/// knows no others.
///
/// The items are in the order of their first content. One is open at a time, and others wait until
/// it is done, because clients take them in this order. An item is done when another one begins or
/// the response ends: only then it is known whether a limit has cut it.
///
/// Reasoning of any vendor is a `reasoning` item with a summary. What another vendor needs back is
/// in its `encrypted_content`, or in that of an item of its own before the content that follows it
/// ([ReplayCarrier]). Data about the choice or the response, which no request repeats, is in the
/// member `extra_content` of the response.
abstract sealed class ResponsesContentWriter
    permits ResponsesResponseWriter, ResponsesStreamWriter {
  private static final int CHOICE = 0;
  private static final int REFUSAL_BLOCK = -1;
  private static final String EXTRA_CONTENT = "extra_content";
  private static final String OPEN_AI = ChatCompletions.VENDOR;

  /// The memory of an item, apart from its texts, in bytes.
  private static final int ITEM_BYTES = 1024;

  private static final ResponseStarted NOT_STARTED =
      new ResponseStarted(Optional.empty(), Optional.empty(), OptionalLong.empty());

  private final ResponsesTemplate template;
  private final Instant at;
  private final Optional<Instant> completedAt;
  private final String id = ResponseIds.create();
  private @Nullable ResponseStarted start;

  /// The items that are not done: the open one first.
  private final Deque<Item> items = new ArrayDeque<>();

  private final Map<Integer, Item> blocks = new HashMap<>();

  /// The text to which probabilities of tokens belong.
  private @Nullable Item lastText;

  /// The items that are done, with a comma between them.
  private final Utf8JsonWriter output = new Utf8JsonWriter();

  private int itemCount;
  private int callCount;
  private long itemBytes;
  private boolean isFinished;
  private Optional<ChoiceFinished> finish = Optional.empty();
  private TokenUsage usage = TokenUsage.NONE;

  /// The content of other vendors that waits for the next item.
  private final WaitingContent waiting = new WaitingContent();

  /// The data about the choice and the response, by vendor.
  private final ObjectNode extraContent = ProviderJson.object();

  private long memberBytes;

  /// The type of an item, with the prefix of its id.
  enum ItemType {
    TEXT("msg"),
    REFUSAL("msg"),
    REASONING("rs"),
    FUNCTION_CALL("fc"),
    CUSTOM_CALL("ctc"),
    TOOL_SEARCH("tsc");

    private final String prefix;

    ItemType(String prefix) {
      this.prefix = prefix;
    }

    private static ItemType of(Kind kind) {
      return switch (kind) {
        case FUNCTION -> FUNCTION_CALL;
        case CUSTOM -> CUSTOM_CALL;
        case TOOL_SEARCH -> TOOL_SEARCH;
      };
    }
  }

  /// An item that is open or waits.
  static final class Item {
    final ItemType type;
    final int index;
    final String id;

    /// The text, the refusal, the summary or the arguments.
    final StringBuilder text = new StringBuilder();

    /// The probabilities of the tokens of a text.
    final ArrayNode probabilities = ProviderJson.array();

    private final String callId;
    private final Optional<Tool> tool;

    /// The `encrypted_content` of reasoning.
    private Optional<String> carrier = Optional.empty();

    private long bytes;
    private boolean isOpen;
    private boolean hasEnded;
    private boolean isIncomplete;

    private Item(ItemType type, int index, String id, String callId, Optional<Tool> tool) {
      this.type = type;
      this.index = index;
      this.id = id;
      this.callId = callId;
      this.tool = tool;
    }

    /// The name of the called tool.
    String name() {
      return tool.map(Tool::name).orElse("");
    }
  }

  /// @param at when the response began
  /// @param completedAt when it will be complete, if that is known
  ResponsesContentWriter(ResponsesTemplate template, Instant at, Optional<Instant> completedAt) {
    this.template = template;
    this.at = at;
    this.completedAt = completedAt;
  }

  /// Begins the open item.
  abstract void begin(Item item);

  /// Appends a part to the open item, which already has it.
  abstract void append(Item item, String part);

  /// Adds probabilities to the open item, which already has them.
  abstract void appendProbabilities(Item item, ArrayNode probabilities);

  /// Ends the open item.
  ///
  /// @param json the whole item
  abstract void end(Item item, byte[] json);

  /// Adds the content of an event.
  final void addContent(StreamEvent event) {
    switch (event) {
      case ResponseStarted started -> {
        if (start == null) {
          start = started;
        }
      }
      case ChoiceEvent choiceEvent -> {
        if (choiceEvent.choice() == CHOICE) {
          addContent(choiceEvent);
        }
      }
      case ResponseFinished finished -> finish(finished);
      case ResponseFailed _ -> {}
    }
  }

  private void addContent(ChoiceEvent event) {
    switch (event) {
      case TextDelta delta -> {
        if (!delta.text().isEmpty()) {
          lastText = textItem(delta.block());
          add(lastText, delta.text());
        }
      }
      case TextEnded ended -> endBlock(ended.block());
      case ReasoningDelta delta -> {
        if (!delta.text().isEmpty()) {
          add(block(delta.block(), ItemType.REASONING), delta.text());
        }
      }
      case ReasoningEnded ended -> {
        ended
            .original()
            .ifPresent(original -> {
              // The text may be omitted, and only signed.
              block(ended.block(), ItemType.REASONING);
              waiting.add(original);
            });
        endBlock(ended.block());
      }
      case ToolInputStarted started -> startCall(started);
      case ToolInputDelta delta -> {
        Item call = blocks.get(delta.block());
        if (call != null) {
          add(call, delta.input());
        }
      }
      case ToolInputEnded ended -> endBlock(ended.block());
      case VendorContent content -> addVendorContent(content.content());
      case LogProbabilities probabilities ->
          addProbabilities(
              ChatCompletionsStreamWriter.logProbabilities(probabilities.tokens())
                  .withArrayProperty("content"));
      case ChoiceVendorData data -> addMembers(data.data());
      case ChoiceFinished finished -> finish = Optional.of(finished);
      case MessageStarted _, TextStarted _, ReasoningStarted _ -> {}
    }
  }

  /// The item of a text: successive texts are one.
  private Item textItem(int block) {
    Item last = items.peekLast();
    if (!blocks.containsKey(block)
        && last != null
        && last.type == ItemType.TEXT
        && last.hasEnded
        && waiting.isEmpty()) {
      last.hasEnded = false;
      blocks.put(block, last);
    }
    return block(block, ItemType.TEXT);
  }

  /// The open item of a block, which begins with its first content.
  private Item block(int block, ItemType type) {
    Item open = blocks.get(block);
    if (open != null) {
      return open;
    }
    writeWaiting();
    return start(block, newItem(type, "", Optional.empty()));
  }

  private Item newItem(ItemType type, String callId, Optional<Tool> tool) {
    int index = itemCount++;
    Item item = new Item(type, index, ResponseIds.ofItem(type.prefix, id, index), callId, tool);
    count(item, ITEM_BYTES);
    return item;
  }

  private void count(Item item, long bytes) {
    item.bytes += bytes;
    itemBytes += bytes;
  }

  private void setCarrier(Item item, String carrier) {
    item.carrier = Optional.of(carrier);
    count(item, carrier.length());
  }

  private Item start(int block, Item item) {
    blocks.put(block, item);
    items.add(item);
    advance();
    return item;
  }

  private void add(Item item, String part) {
    boolean isBlank = part.isBlank() && item.text.isEmpty();
    if (part.isEmpty() || (isBlank && item.tool.isPresent())) {
      // Blank text is not the beginning of JSON.
      return;
    }
    item.text.append(part);
    count(item, 2L * part.length());
    if (item.isOpen) {
      append(item, part);
    }
  }

  private void endBlock(int block) {
    Item item = blocks.remove(block);
    if (item != null) {
      item.hasEnded = true;
      advance();
    }
  }

  /// Ends the items that are done, and opens the next one.
  private void advance() {
    while (!items.isEmpty()) {
      Item item = items.element();
      if (!item.isOpen) {
        item.isOpen = true;
        begin(item);
        if (!item.text.isEmpty()) {
          append(item, item.text.toString());
        }
        if (!item.probabilities.isEmpty()) {
          appendProbabilities(item, item.probabilities);
        }
      }
      if (!item.hasEnded || (items.size() == 1 && !isFinished)) {
        return;
      }
      items.remove();
      end(item);
    }
  }

  private void end(Item item) {
    if (item.type == ItemType.FUNCTION_CALL && item.text.isEmpty()) {
      // A function without parameters.
      add(item, "{}");
    }
    byte[] json = json(item, item.isIncomplete ? "incomplete" : "completed");
    if (output.length() > 0) {
      output.ascii(",");
    }
    output.raw(json);
    itemBytes -= item.bytes;
    end(item, json);
  }

  private void startCall(ToolInputStarted started) {
    // Some servers give no ids, but the client needs them to return the results.
    String callId =
        started.callId().isEmpty()
            ? "call_%d_%d".formatted(at.toEpochMilli(), callCount)
            : started.callId();
    callCount++;
    writeWaiting();
    started
        .vendorData()
        .ifPresent(data ->
            addCarrier(
                ReplayCarrier.encode(
                    ProviderJson.object().set(data.vendor(), data.members()),
                    Optional.of(callId))));
    Tool tool =
        template
            .tools()
            .getOrDefault(
                started.name(), new Tool(Kind.FUNCTION, Optional.empty(), started.name()));
    Item call = newItem(ItemType.of(tool.kind()), callId, Optional.of(tool));
    add(start(started.block(), call), started.input());
  }

  private void addVendorContent(VendorMembers content) {
    content
        .members()
        .forEachEntry((name, value) -> {
          if (content.vendor().equals(OPEN_AI) && name.equals("refusal") && value.isString()) {
            if (!value.stringValue().isEmpty()) {
              add(block(REFUSAL_BLOCK, ItemType.REFUSAL), value.stringValue());
            }
          } else {
            waiting.add(content.vendor(), name, value);
          }
        });
  }

  /// Writes the content that waits: with the reasoning before it, or as an item of its own.
  private void writeWaiting() {
    if (waiting.isEmpty()) {
      return;
    }
    String carrier = ReplayCarrier.encode(waiting.take(), Optional.empty());
    Item last = items.peekLast();
    if (last != null && last.type == ItemType.REASONING && last.carrier.isEmpty()) {
      setCarrier(last, carrier);
    } else {
      addCarrier(carrier);
    }
  }

  private void addCarrier(String carrier) {
    Item item = newItem(ItemType.REASONING, "", Optional.empty());
    setCarrier(item, carrier);
    item.hasEnded = true;
    items.add(item);
    advance();
  }

  private void addProbabilities(ArrayNode tokens) {
    if (lastText == null || !items.contains(lastText) || tokens.isEmpty()) {
      return;
    }
    lastText.probabilities.addAll(tokens);
    memberBytes += StreamMemory.sizeOf(tokens);
    if (lastText.isOpen) {
      appendProbabilities(lastText, tokens);
    }
  }

  private void addMembers(VendorMembers data) {
    data.members()
        .forEachEntry((name, value) -> {
          if (data.vendor().equals(OPEN_AI) && name.equals("logprobs")) {
            if (value.path("content") instanceof ArrayNode tokens) {
              addProbabilities(tokens);
            }
          } else if (!value.isNull()) {
            ObjectNode target = extraContent.withObjectProperty(data.vendor());
            memberBytes += WaitingContent.set(target, name, value);
          }
        });
  }

  private void finish(ResponseFinished finished) {
    usage = finished.usage();
    finished.vendorData().ifPresent(this::addMembers);
    Item last = items.peekLast();
    if (last != null && incompleteReason().isPresent()) {
      last.isIncomplete = true;
    }
    writeWaiting();
    blocks.clear();
    items.forEach(item -> item.hasEnded = true);
    isFinished = true;
    advance();
  }

  /// Why the response is incomplete; empty if it is not.
  private Optional<String> incompleteReason() {
    return switch (finish.map(ChoiceFinished::reason).orElse(FinishReason.STOP)) {
      case LENGTH -> Optional.of("max_output_tokens");
      case CONTENT_FILTER -> Optional.of("content_filter");
      case STOP, TOOL_CALLS, OTHER -> Optional.empty();
    };
  }

  /// The status of the response, which is complete if it has finished.
  final String status() {
    if (!isFinished) {
      return "in_progress";
    }
    return incompleteReason().isPresent() ? "incomplete" : "completed";
  }

  /// The item as it is when it begins, without content.
  static byte[] emptyJson(Item item) {
    return json(item, "in_progress");
  }

  /// @param status `in_progress` for an item without content
  private static byte[] json(Item item, String status) {
    boolean isDone = !status.equals("in_progress");
    String text = isDone ? item.text.toString() : "";
    Utf8JsonWriter out = new Utf8JsonWriter().ascii("{\"id\":").string(item.id);
    switch (item.type) {
      case TEXT, REFUSAL -> {
        status(out.ascii(",\"type\":\"message\""), status);
        out.ascii(",\"role\":\"assistant\",\"content\":[");
        if (isDone) {
          out.raw(partJson(item));
        }
        out.ascii("]");
      }
      case REASONING -> {
        out.ascii(",\"type\":\"reasoning\",\"summary\":[");
        if (!text.isEmpty()) {
          out.raw(partJson(item));
        }
        out.ascii("],\"encrypted_content\":");
        if (isDone && item.carrier.isPresent()) {
          out.string(item.carrier.get());
        } else {
          out.ascii("null");
        }
      }
      case FUNCTION_CALL -> {
        status(out.ascii(",\"type\":\"function_call\""), status);
        call(out, item);
        out.ascii(",\"arguments\":").string(text);
      }
      case CUSTOM_CALL -> {
        // Clients know no other status of a complete item of this type.
        status(out.ascii(",\"type\":\"custom_tool_call\""), isDone ? "completed" : status);
        call(out, item);
        out.ascii(",\"input\":").string(isDone ? ResponsesToolNames.input(text) : "");
      }
      case TOOL_SEARCH -> {
        status(out.ascii(",\"type\":\"tool_search_call\""), status);
        ObjectNode arguments = ProviderJson.object();
        ToolArguments.write(text, arguments, "arguments");
        byte[] json = ProviderJson.MAPPER.writeValueAsBytes(arguments);
        out.ascii(",\"execution\":\"client\",\"call_id\":").string(item.callId).ascii(",");
        // Without the braces: the arguments stand beside the other members.
        out.raw(json, 1, json.length - 1);
      }
    }
    return out.ascii("}").take();
  }

  private static void status(Utf8JsonWriter out, String status) {
    out.ascii(",\"status\":\"").ascii(status).ascii("\"");
  }

  private static void call(Utf8JsonWriter out, Item item) {
    out.ascii(",\"call_id\":").string(item.callId).ascii(",\"name\":").string(item.name());
    item.tool
        .flatMap(Tool::namespace)
        .ifPresent(namespace -> out.ascii(",\"namespace\":").string(namespace));
  }

  /// The part of a message or a summary with the whole text.
  static byte[] partJson(Item item) {
    Utf8JsonWriter out = new Utf8JsonWriter();
    String text = item.text.toString();
    switch (item.type) {
      case TEXT ->
          out.ascii("{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":")
              .value(item.probabilities)
              .ascii(",\"text\":")
              .string(text);
      case REFUSAL -> out.ascii("{\"type\":\"refusal\",\"refusal\":").string(text);
      case REASONING -> out.ascii("{\"type\":\"summary_text\",\"text\":").string(text);
      case FUNCTION_CALL, CUSTOM_CALL, TOOL_SEARCH ->
          throw new IllegalArgumentException("a call has no parts");
    }
    return out.ascii("}").take();
  }

  /// Writes the response as far as it is known.
  final void writeResponse(Utf8JsonWriter out) {
    ResponseStarted started = start == null ? NOT_STARTED : start;
    Optional<String> incomplete = isFinished ? incompleteReason() : Optional.empty();
    Optional<Instant> completed = completedAt.filter(_ -> status().equals("completed"));
    out.ascii("{\"id\":")
        .string(id)
        .ascii(",\"object\":\"response\",\"created_at\":")
        .number(started.created().orElse(at.getEpochSecond()))
        .ascii(",\"status\":\"")
        .ascii(status())
        .ascii("\",\"completed_at\":")
        .ascii(completed.map(it -> Long.toString(it.getEpochSecond())).orElse("null"))
        .ascii(",\"error\":null,\"incomplete_details\":")
        .ascii(incomplete.map("{\"reason\":\"%s\"}"::formatted).orElse("null"))
        .ascii(",\"model\":")
        .string(started.model().orElse(template.model()))
        .ascii(",\"output\":[");
    if (isFinished) {
      out.raw(output.take());
    }
    out.ascii("],\"usage\":");
    if (isFinished && !usage.equals(TokenUsage.NONE)) {
      out.value(OpenAiUsage.RESPONSES.write(usage));
    } else {
      out.ascii("null");
    }
    out.raw(template.members());
    if (isFinished && !extraContent.isEmpty()) {
      out.ascii(",\"" + EXTRA_CONTENT + "\":").value(extraContent);
    }
    out.ascii("}");
  }

  /// The id of the response.
  final String id() {
    return id;
  }

  final Optional<FinishReason> reason() {
    return finish.map(ChoiceFinished::reason);
  }

  final TokenUsage usage() {
    return usage;
  }

  /// The memory of what waits to be written, in bytes.
  public long retainedBytes() {
    // A buffer may be twice as long as its content.
    return template.retainedBytes()
        + waiting.retainedBytes()
        + memberBytes
        + itemBytes
        + 2L * output.length();
  }
}
