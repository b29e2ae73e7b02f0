package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
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
import dev.agentlab.conversation.TokenProbability;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.conversation.VendorMembers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes a response as OpenAI's stream: each event immediately, as a `chat.completion.chunk`, and
/// `[DONE]`.
final class ChatCompletionsStreamWriter implements ClientStreamWriter {
  /// The maximum length of the id and the model, which every chunk repeats.
  private static final int MAX_NAME_LENGTH = 1_000;

  private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

  private final Utf8JsonWriter out = new Utf8JsonWriter();
  private final ExpectedStream expected;
  private final Instant at;

  /// The beginning of every chunk, up to the elements of `choices`.
  private byte[] chunkStart;

  /// The choices whose role has been written.
  private final Set<Integer> begunChoices = new HashSet<>();

  private int lastChoice;

  /// The position of each open tool call among those of its choice, by block.
  private final Map<Integer, Integer> toolIndexes = new HashMap<>();

  private final Map<Integer, Integer> toolCounts = new HashMap<>();

  /// @param at when the stream began
  ChatCompletionsStreamWriter(ExpectedStream expected, Instant at) {
    this.expected = expected;
    this.at = at;
    chunkStart =
        chunkStart(new ResponseStarted(Optional.empty(), Optional.empty(), OptionalLong.empty()));
  }

  @Override
  public void write(StreamEvent event) {
    switch (event) {
      case ResponseStarted started -> chunkStart = chunkStart(started);
      case MessageStarted started -> {
        beginDelta(started.choice()).ascii("\"content\":\"\"");
        endDelta();
      }
      case TextDelta delta -> {
        beginDelta(delta.choice()).ascii("\"content\":").string(delta.text());
        endDelta();
      }
      case ReasoningDelta delta -> {
        beginDelta(delta.choice()).ascii("\"reasoning_content\":").string(delta.text());
        endDelta();
      }
      case ReasoningEnded ended ->
          ended.original().ifPresent(original -> vendorContent(ended.choice(), original));
      case ToolInputStarted started -> startTool(started);
      case ToolInputDelta delta -> {
        beginDelta(delta.choice())
            .ascii("\"tool_calls\":[{\"index\":")
            .number(toolIndexes.getOrDefault(delta.block(), 0))
            .ascii(",\"function\":{\"arguments\":")
            .string(delta.input())
            .ascii("}}]");
        endDelta();
      }
      case ToolInputEnded ended -> toolIndexes.remove(ended.block());
      case VendorContent content -> vendorContent(content.choice(), content.content());
      case LogProbabilities probabilities -> {
        beginMembers(probabilities.choice());
        out.ascii(",\"logprobs\":").value(logProbabilities(probabilities.tokens()));
        endMembers();
      }
      case ChoiceVendorData data -> {
        beginMembers(data.choice());
        members(ChatCompletions.members(data.data()));
        endMembers();
      }
      case ChoiceFinished finished -> finishChoice(finished);
      case ResponseFinished finished -> {
        finish(finished);
        out.raw(DONE);
      }
      case TextStarted _, TextEnded _, ReasoningStarted _, ResponseFailed _ -> {}
    }
  }

  /// @throws ProviderErrorException if the id or the model is so long that the chunks would be many
  ///   times as large as the provider's events
  private byte[] chunkStart(ResponseStarted started) {
    String id = started.id().orElse("chatcmpl-" + at.toEpochMilli());
    String model = started.model().orElse(expected.model());
    if (id.length() > MAX_NAME_LENGTH
        || started.model().filter(it -> it.length() > MAX_NAME_LENGTH).isPresent()) {
      throw new ProviderErrorException(
          "the response's id or model exceeds %d characters".formatted(MAX_NAME_LENGTH),
          Optional.empty());
    }
    return new Utf8JsonWriter()
        .ascii("data: {\"id\":")
        .string(id)
        .ascii(",\"object\":\"chat.completion.chunk\",\"created\":")
        .number(started.created().orElse(at.getEpochSecond()))
        .ascii(",\"model\":")
        .string(model)
        .ascii(",\"choices\":[")
        .take();
  }

  private Utf8JsonWriter beginDelta(int choice) {
    beginChoice(choice);
    if (isNew(choice)) {
      out.ascii("\"role\":\"assistant\",");
    }
    return out;
  }

  private void beginChoice(int choice) {
    out.raw(chunkStart).ascii("{\"index\":").number(choice).ascii(",\"delta\":{");
  }

  private boolean isNew(int choice) {
    if (choice == lastChoice && !begunChoices.isEmpty()) {
      return false;
    }
    lastChoice = choice;
    return begunChoices.add(choice);
  }

  private void endDelta() {
    out.ascii("},\"finish_reason\":null}]}\n\n");
  }

  /// Begins a chunk with members of a choice other than its message.
  private void beginMembers(int choice) {
    beginEmptyDelta(choice);
    out.ascii(",\"finish_reason\":null");
  }

  private void beginEmptyDelta(int choice) {
    beginChoice(choice);
    out.ascii(isNew(choice) ? "\"role\":\"assistant\"}" : "}");
  }

  private void endMembers() {
    out.ascii("}]}\n\n");
  }

  private void startTool(ToolInputStarted started) {
    int index = toolCounts.merge(started.choice(), 1, Integer::sum) - 1;
    toolIndexes.put(started.block(), index);
    beginDelta(started.choice())
        .ascii("\"tool_calls\":[{\"index\":")
        .number(index)
        .ascii(",\"id\":")
        .string(started.callId())
        .ascii(",\"type\":\"function\",\"function\":{\"name\":")
        .string(started.name())
        .ascii(",\"arguments\":")
        .string(started.input())
        .ascii("}");
    started.vendorData().ifPresent(data -> members(ChatCompletions.members(data)));
    out.ascii("}]");
    endDelta();
  }

  private void vendorContent(int choice, VendorMembers content) {
    beginDelta(choice);
    ObjectNode members = ChatCompletions.members(content);
    // Without the braces: the members stand beside the role.
    byte[] json = ProviderJson.MAPPER.writeValueAsBytes(members);
    out.raw(json, 1, json.length - 1);
    endDelta();
  }

  /// Appends members after others of the same object.
  private void members(ObjectNode members) {
    members.forEachEntry((name, value) -> out.ascii(",").string(name).ascii(":").value(value));
  }

  private void finishChoice(ChoiceFinished finished) {
    beginEmptyDelta(finished.choice());
    out.ascii(",\"finish_reason\":")
        .string(
            ChatCompletions.finishReason(
                finished.reason(), finished.vendor(), finished.vendorReason()));
    endMembers();
  }

  /// Writes a last chunk without choices, with the usage if the client requested it, and data about
  /// the response. Writes nothing if there is neither.
  private void finish(ResponseFinished finished) {
    TokenUsage usage = finished.usage();
    boolean hasUsage =
        !usage.equals(TokenUsage.NONE) && expected.includesUsage() && !expected.hidesUsage();
    if (!hasUsage && finished.vendorData().isEmpty()) {
      return;
    }
    out.raw(chunkStart).ascii("]");
    finished.vendorData().ifPresent(data -> members(ChatCompletions.members(data)));
    if (hasUsage) {
      out.ascii(",\"usage\":").value(OpenAiUsage.CHAT.write(usage));
    }
    out.ascii("}\n\n");
  }

  /// OpenAI's `logprobs`.
  static ObjectNode logProbabilities(List<TokenProbability> tokens) {
    ObjectNode json = ProviderJson.object();
    ArrayNode content = json.putArray("content");
    for (TokenProbability token : tokens) {
      ObjectNode element = logProbability(token);
      ArrayNode top = element.putArray("top_logprobs");
      token.alternatives().forEach(alternative -> top.add(logProbability(alternative)));
      content.add(element);
    }
    return json;
  }

  private static ObjectNode logProbability(TokenProbability token) {
    ObjectNode json = ProviderJson.object().put("token", token.token());
    return json.set("logprob", token.logProbability()).putNull("bytes");
  }

  @Override
  public byte[] take() {
    return out.take();
  }
}
