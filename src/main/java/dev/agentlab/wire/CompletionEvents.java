package dev.agentlab.wire;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A whole answer told as a stream, for a provider that gave one where a stream was asked for.
public final class CompletionEvents {
  private CompletionEvents() {}

  /// For each choice an event with its message and one with its end, then the usage, if the request
  /// asks for it, and `[DONE]`.
  ///
  /// @param completion OpenAI's `chat.completion`, as [Dialect#answer] gives it
  public static byte[] of(ModelRequest request, byte[] completion) {
    JsonNode json = WireJson.MAPPER.readTree(completion);
    ObjectNode common = ((ObjectNode) json.deepCopy()).without("choices").without("usage");
    common.put("object", "chat.completion.chunk");
    CanonicalStream out = new CanonicalStream();
    int position = 0;
    for (JsonNode choice : json.path("choices")) {
      int index = choice.path("index").intValue(position++);
      ObjectNode said = ChatSink.object().put("index", index).putNull("finish_reason");
      said.setAll(others(choice));
      said.set("delta", delta(choice.path("message")));
      out.event(chunk(common, said));
      ObjectNode ended = ChatSink.object().put("index", index);
      ended.putObject("delta");
      out.event(chunk(common, ended.set("finish_reason", choice.path("finish_reason"))));
    }
    boolean counts = request.body().at("/stream_options/include_usage").booleanValue(false);
    if (counts && json.path("usage").isObject()) {
      ObjectNode last = common.deepCopy();
      last.putArray("choices");
      out.event(last.set("usage", json.path("usage")));
    }
    out.finished(0);
    out.end();
    return out.take();
  }

  /// A reader for those events.
  public static StreamReader reader(ModelRequest request) {
    return new SseReader(new OpenAiRelay(request));
  }

  private static ObjectNode chunk(ObjectNode common, ObjectNode choice) {
    ObjectNode chunk = common.deepCopy();
    chunk.putArray("choices").add(choice);
    return chunk;
  }

  /// What a choice has beside its message, such as `logprobs`.
  private static ObjectNode others(JsonNode choice) {
    ObjectNode others = ChatSink.object();
    choice.forEachEntry((name, value) -> {
      if (!name.equals("message") && !name.equals("finish_reason")) {
        others.set(name, value);
      }
    });
    return others;
  }

  /// The message, with each of its tool calls numbered.
  private static ObjectNode delta(JsonNode message) {
    ObjectNode delta = ChatSink.object();
    message.forEachEntry(delta::set);
    int index = 0;
    for (JsonNode call : message.path("tool_calls")) {
      if (call instanceof ObjectNode object) {
        delta.withArrayProperty("tool_calls").set(index, numbered(object, index));
      }
      index++;
    }
    return delta;
  }

  private static ObjectNode numbered(ObjectNode call, int index) {
    ObjectNode numbered = ChatSink.object().put("index", index);
    return numbered.setAll(call);
  }
}
