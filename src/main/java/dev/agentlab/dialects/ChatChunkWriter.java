package dev.agentlab.dialects;

import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Gives each piece of an answer out at once, as OpenAI's `chat.completion.chunk`.
final class ChatChunkWriter implements ChatSink {
  /// Of what every chunk repeats.
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

  /// What the provider calls the answer, and the model that gives it. Both are in every chunk.
  ///
  /// @throws ProviderFault if one is so long that the chunks would be many times as large as what
  ///   the provider sends
  void named(String answer, String by) {
    if (answer.length() > MAX_NAME_LENGTH || by.length() > MAX_NAME_LENGTH) {
      throw new ProviderErrorException(
          "the answer's id or model has more than %d characters".formatted(MAX_NAME_LENGTH),
          Optional.empty());
    }
    id = answer;
    model = by;
  }

  @Override
  public void delta(int choice, ObjectNode delta) {
    out.delta(delta);
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
    out.finished(choice);
  }

  /// Writes the usage as the last chunk, if the caller asked for it.
  void usage(JsonNode usage) {
    last(usage, ChatSink.object());
  }

  /// Ends the answer with a chunk without choices: the usage, if the caller asked for it, and other
  /// members, if there are any.
  ///
  /// @param usage OpenAI's; missing if it is unknown
  void last(JsonNode usage, ObjectNode members) {
    ObjectNode chunk = chunk();
    chunk.putArray("choices");
    chunk.setAll(members);
    if (usage.isObject()) {
      out.usage(usage);
    }
    boolean shown = usage.isObject() && expected.includesUsage() && !expected.usageIsOurs();
    if (shown) {
      chunk.set("usage", usage);
    }
    if (shown || !members.isEmpty()) {
      out.event(chunk);
    }
  }

  private ObjectNode choice(int index, ObjectNode delta) {
    ObjectNode choice = ChatSink.object().put("index", index);
    ObjectNode written = choice.putObject("delta");
    if (out.begun(index)) {
      written.put("role", "assistant");
    }
    written.setAll(delta);
    return choice.putNull("finish_reason");
  }

  private void write(ObjectNode choice) {
    ObjectNode chunk = chunk();
    chunk.putArray("choices").add(choice);
    out.event(chunk);
  }

  private ObjectNode chunk() {
    return ChatSink.object()
        .put("id", id)
        .put("object", "chat.completion.chunk")
        .put("created", at.getEpochSecond())
        .put("model", model);
  }
}
