package dev.agentlab.dialects;

import dev.agentlab.memory.MemoryBudget;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A whole answer told as a stream, for a provider that gave one where a stream was asked for.
public final class CompletionAsStream {
  /// What every chunk has.
  private static final Set<String> COMMON = Set.of("id", "object", "created", "model");

  private CompletionAsStream() {}

  /// For each choice an event with its message and one with its end, then the usage, if the request
  /// asks for it, and `[DONE]`.
  ///
  /// @param completion OpenAI's `chat.completion`, as [Dialect#answer] gives it
  /// @param memory counts what is made of it
  /// @throws ProviderFault if the service has no memory for it
  public static byte[] of(
      ModelRequest request, byte[] completion, MemoryBudget.Reservation memory) {
    StreamMemory counted = new StreamMemory(memory);
    try {
      return of(request, counted.parse(completion), new CanonicalStream(counted));
    } finally {
      counted.endEvent();
    }
  }

  private static byte[] of(ModelRequest request, JsonNode json, CanonicalStream out) {
    ObjectNode first = ((ObjectNode) json.deepCopy()).without("choices").without("usage");
    first.put("object", "chat.completion.chunk");
    // The rest is written once: it may be large, and the choices many.
    ObjectNode common = first.deepCopy().retain(COMMON);
    common.removeIf(value -> value.asString("").length() > ChatChunkWriter.MAX_NAME_LENGTH);
    int position = 0;
    for (JsonNode choice : json.path("choices")) {
      int index = choice.path("index").intValue(position++);
      out.finished(index);
      ObjectNode said = ChatSink.object().put("index", index).putNull("finish_reason");
      said.setAll(others(choice));
      said.set("delta", delta(choice.path("message")));
      out.event(chunk(position == 1 ? first : common, said));
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
  public static StreamReader reader(ExpectedStream expected, MemoryBudget.Reservation memory) {
    return new SseReader(new OpenAiStream(expected), memory);
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
