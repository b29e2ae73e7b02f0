package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.StreamEvent.ResponseStarted;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.conversation.VendorMembers;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads a `chat.completion` of an OpenAI-family provider, or successive chunks of one.
///
/// Members without a neutral form are data of the vendor [ChatCompletions#VENDOR]: those of a
/// message or delta are content, those of a choice or of the response are data about it.
final class ChatCompletionsEventReader {
  /// The memory of an entry of a map, in bytes.
  private static final int ENTRY_BYTES = 128;

  private static final Set<String> DELTA_MEMBERS =
      Set.of("role", "content", "reasoning", "reasoning_content", "tool_calls");
  private static final Set<String> CHOICE_MEMBERS =
      Set.of("index", "delta", "message", "finish_reason");
  private static final Set<String> CALL_MEMBERS = Set.of("index", "id", "type", "function");

  private final Consumer<StreamEvent> events;
  private final BlockSequence blocks;
  private final Map<Integer, OpenChoice> choices = new HashMap<>();
  private Optional<ResponseStarted> started = Optional.empty();

  /// The members of the response without a neutral form.
  private final ObjectNode vendorData = ProviderJson.object();

  private JsonNode usage = MissingNode.getInstance();

  /// The memory of all state but the usage, in bytes.
  private long stateBytes;

  private long usageBytes;

  /// What has been read of a choice.
  private static final class OpenChoice {
    /// The open tool calls by their index: the blocks.
    private final Map<Integer, Integer> tools = new HashMap<>();

    /// The members that have been passed on as `null`; chunks repeat them.
    private final Set<String> nulls = new HashSet<>();

    private boolean hasBegun;
  }

  ChatCompletionsEventReader(Consumer<StreamEvent> events) {
    this.events = events;
    this.blocks = new BlockSequence(events);
  }

  /// Reads a complete response.
  ///
  /// @throws ProviderErrorException if the response has no choices
  static void readResponse(JsonNode json, Consumer<StreamEvent> events) {
    if (!json.path("choices").isArray()) {
      throw new ProviderErrorException("the response has no choices", Optional.empty());
    }
    ChatCompletionsEventReader reader = new ChatCompletionsEventReader(events);
    reader.read(json);
    events.accept(reader.createFinish());
  }

  /// Reads a response or a chunk.
  void read(JsonNode json) {
    readStart(json);
    int position = 0;
    for (JsonNode choice : json.path("choices")) {
      readChoice(choice.path("index").intValue(position), choice);
      position++;
    }
    readRest(json);
  }

  private void readStart(JsonNode json) {
    JsonNode created = json.path("created");
    ResponseStarted start =
        new ResponseStarted(
            text(json, "id"),
            text(json, "model"),
            created.isIntegralNumber() && created.canConvertToLong() && created.longValue() > 0
                ? OptionalLong.of(created.longValue())
                : OptionalLong.empty());
    // Azure sends events about content filters that have empty values.
    boolean isEmpty = start.id().isEmpty() && start.model().isEmpty();
    if (!isEmpty && !started.equals(Optional.of(start))) {
      started = Optional.of(start);
      events.accept(start);
    }
  }

  private static Optional<String> text(JsonNode json, String name) {
    return json.path(name).stringValueOpt().filter(text -> !text.isEmpty());
  }

  private void readChoice(int index, JsonNode json) {
    OpenChoice choice = choices.get(index);
    if (choice == null) {
      choice = new OpenChoice();
      choices.put(index, choice);
      stateBytes += ENTRY_BYTES;
    }
    JsonNode delta = json.has("message") ? json.path("message") : json.path("delta");
    if (json.has("delta") && delta.path("content").stringValue("-").isEmpty() && !choice.hasBegun) {
      events.accept(new StreamEvent.MessageStarted(index));
    }
    choice.hasBegun = true;
    readDelta(index, choice, delta);
    ObjectNode data = unread(choice, "", json, CHOICE_MEMBERS);
    if (!data.isEmpty()) {
      events.accept(
          new StreamEvent.ChoiceVendorData(index, new VendorMembers(ChatCompletions.VENDOR, data)));
    }
    String word = json.path("finish_reason").stringValue("");
    if (!word.isEmpty()) {
      endBlocks(index, choice);
      events.accept(
          new StreamEvent.ChoiceFinished(
              index, ChatCompletions.finishReason(word), ChatCompletions.VENDOR, word));
    }
  }

  private void readDelta(int index, OpenChoice choice, JsonNode delta) {
    // Some providers have both, with the same text.
    String reasoning =
        delta.path("reasoning_content").stringValue(delta.path("reasoning").stringValue(""));
    if (!reasoning.isEmpty()) {
      blocks.reasoning(index, reasoning);
    }
    ObjectNode content = unread(choice, "delta.", delta, DELTA_MEMBERS);
    if (!delta.path("reasoning").isString() && delta.has("reasoning")) {
      content.set("reasoning", delta.path("reasoning"));
    }
    if (delta.path("content").isString()) {
      String text = delta.path("content").stringValue();
      // An empty text of a complete message is not null.
      if (!text.isEmpty() || delta.size() == 1) {
        blocks.text(index, text);
      }
    } else if (delta.path("content").isArray()) {
      delta.path("content").forEach(part -> readPart(index, part, content));
    } else if (delta.path("content").isObject()) {
      content.set("content", delta.path("content"));
    }
    if (!content.isEmpty()) {
      events.accept(
          new StreamEvent.VendorContent(index, new VendorMembers(ChatCompletions.VENDOR, content)));
    }
    int position = 0;
    for (JsonNode call : delta.path("tool_calls")) {
      readCall(index, choice, call.path("index").intValue(position), call);
      position++;
    }
  }

  /// Reads a part of a content that is a list, as Mistral's reasoning models write it
  /// (https://docs.mistral.ai/capabilities/reasoning).
  private void readPart(int index, JsonNode part, ObjectNode content) {
    switch (part.path("type").stringValue("")) {
      case "text" -> blocks.text(index, part.path("text").stringValue(""));
      case "thinking" -> {
        for (JsonNode thought : part.path("thinking")) {
          String text = thought.path("text").stringValue("");
          if (!text.isEmpty()) {
            blocks.reasoning(index, text);
          }
        }
      }
      default -> content.withArrayProperty("content").add(part);
    }
  }

  private void readCall(int index, OpenChoice choice, int callIndex, JsonNode call) {
    String input = call.at("/function/arguments").stringValue("");
    Integer open = choice.tools.get(callIndex);
    if (open != null) {
      if (!input.isEmpty()) {
        events.accept(new StreamEvent.ToolInputDelta(index, open, input));
      }
      return;
    }
    blocks.end(index);
    int block = blocks.nextId();
    choice.tools.put(callIndex, block);
    stateBytes += ENTRY_BYTES;
    ObjectNode data = UnreadResponseMembers.of(call, CALL_MEMBERS);
    String type = call.path("type").stringValue("function");
    if (!type.equals("function")) {
      data.put("type", type);
    }
    events.accept(
        new StreamEvent.ToolInputStarted(
            index,
            block,
            call.path("id").stringValue(""),
            call.at("/function/name").stringValue(""),
            input,
            data.isEmpty()
                ? Optional.empty()
                : Optional.of(new VendorMembers(ChatCompletions.VENDOR, data))));
  }

  private void endBlocks(int index, OpenChoice choice) {
    blocks.end(index);
    choice
        .tools
        .values()
        .forEach(block -> events.accept(new StreamEvent.ToolInputEnded(index, block)));
    choice.tools.clear();
  }

  /// The members that are not read, each `null` only once.
  private ObjectNode unread(OpenChoice choice, String prefix, JsonNode json, Set<String> read) {
    ObjectNode unread = ProviderJson.object();
    json.forEachEntry((name, value) -> {
      if (read.contains(name)) {
        return;
      }
      if (!value.isNull()) {
        unread.set(name, value);
      } else if (choice.nulls.add(prefix + name)) {
        unread.set(name, value);
        stateBytes += ENTRY_BYTES + 2L * name.length();
      }
    });
    return unread;
  }

  private void readRest(JsonNode json) {
    json.forEachEntry((name, value) -> {
      switch (name) {
        case "id", "object", "created", "model", "choices" -> {}
        case "usage" -> {
          if (value.isObject()) {
            usage = value;
            usageBytes = StreamMemory.sizeOf(value);
          }
        }
        default -> {
          JsonNode previous = vendorData.path(name);
          if (!value.equals(previous)) {
            stateBytes += StreamMemory.sizeOf(value) - StreamMemory.sizeOf(previous);
            stateBytes += previous.isMissingNode() ? ENTRY_BYTES + 2L * name.length() : 0;
            vendorData.set(name, value);
          }
        }
      }
    });
  }

  ResponseFinished createFinish() {
    return new ResponseFinished(
        usage(),
        vendorData.isEmpty()
            ? Optional.empty()
            : Optional.of(new VendorMembers(ChatCompletions.VENDOR, vendorData)));
  }

  TokenUsage usage() {
    return OpenAiUsage.CHAT.read(usage);
  }

  /// The number of bytes that are retained between chunks.
  long retainedBytes() {
    return stateBytes + usageBytes;
  }

  /// Whether a chunk with a choice has been read.
  boolean hasChoices() {
    return !choices.isEmpty();
  }
}
