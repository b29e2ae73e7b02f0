package dev.agentlab.dialects;

import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes each part of a completion immediately, as an OpenAI `chat.completion.chunk`.
final class ChatChunkWriter implements ChatSink {
  /// The maximum length of the id and the model, which every chunk repeats.
  static final int MAX_NAME_LENGTH = 1_000;

  private final CanonicalStream out;
  private final ExpectedStream expected;
  private final Instant at;
  private String id;
  private String model;

  /// @param at when the stream began
  ChatChunkWriter(CanonicalStream out, ExpectedStream expected, Instant at) {
    this.out = out;
    this.expected = expected;
    this.at = at;
    id = "chatcmpl-" + at.toEpochMilli();
    model = expected.model();
  }

  /// Sets the id and the model of the completion, which every chunk contains.
  ///
  /// @throws ProviderErrorException if one of them is so long that the chunks would be many times
  ///   as large as the provider's events
  void setIdAndModel(String newId, String newModel) {
    if (newId.length() > MAX_NAME_LENGTH || newModel.length() > MAX_NAME_LENGTH) {
      throw new ProviderErrorException(
          "the response's id or model exceeds %d characters".formatted(MAX_NAME_LENGTH),
          Optional.empty());
    }
    id = newId;
    model = newModel;
  }

  @Override
  public void delta(int choice, ObjectNode delta) {
    out.recordDelta(delta);
    write(choice(choice, delta));
  }

  @Override
  public void member(int choice, String name, JsonNode value) {
    ObjectNode json = choice(choice, ChatSink.object());
    json.set(name, value);
    write(json);
  }

  @Override
  public void finish(int choice, String reason) {
    write(choice(choice, ChatSink.object()).put("finish_reason", reason));
    out.finishChoice(choice);
  }

  /// Writes the usage as the last chunk, if the caller requested it.
  void writeUsage(JsonNode usage) {
    writeLast(usage, ChatSink.object());
  }

  /// Writes a last chunk without choices that contains the usage, if the caller requested it, and
  /// other members. Writes nothing if there is neither.
  ///
  /// @param usage OpenAI's `usage`; a missing node if it is unknown
  void writeLast(JsonNode usage, ObjectNode members) {
    ObjectNode chunk = chunk();
    chunk.putArray("choices");
    chunk.setAll(members);
    if (usage.isObject()) {
      out.recordUsage(usage);
    }
    boolean isUsageIncluded =
        usage.isObject() && expected.includesUsage() && !expected.hidesUsage();
    if (isUsageIncluded) {
      chunk.set("usage", usage);
    }
    if (isUsageIncluded || !members.isEmpty()) {
      out.writeEvent(chunk);
    }
  }

  private ObjectNode choice(int index, ObjectNode delta) {
    ObjectNode choice = ChatSink.object().put("index", index);
    ObjectNode json = choice.putObject("delta");
    if (out.beginChoice(index)) {
      json.put("role", "assistant");
    }
    json.setAll(delta);
    return choice.putNull("finish_reason");
  }

  private void write(ObjectNode choice) {
    ObjectNode chunk = chunk();
    chunk.putArray("choices").add(choice);
    out.writeEvent(chunk);
  }

  private ObjectNode chunk() {
    return ChatSink.object()
        .put("id", id)
        .put("object", "chat.completion.chunk")
        .put("created", at.getEpochSecond())
        .put("model", model);
  }
}
