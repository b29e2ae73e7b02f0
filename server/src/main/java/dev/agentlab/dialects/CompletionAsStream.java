package dev.agentlab.dialects;

import dev.agentlab.memory.MemoryBudget;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Converts a non-streaming completion to a stream, for a provider that returned one in response to
/// a streaming request.
public final class CompletionAsStream {
  /// The members that every chunk has.
  private static final Set<String> COMMON_MEMBERS = Set.of("id", "object", "created", "model");

  private CompletionAsStream() {}

  /// Writes the events: for each choice one with its message and one with its finish reason, then
  /// the usage if the request asks for it, and `[DONE]`.
  ///
  /// @param completion an OpenAI `chat.completion`, as returned by [Dialect#translateResponse]
  /// @param memory the reservation that accounts for the memory of the events
  /// @throws ProviderErrorException if the service is out of memory
  public static byte[] of(
      ModelRequest request, byte[] completion, MemoryBudget.Reservation memory) {
    StreamMemory streamMemory = new StreamMemory(memory);
    try {
      return of(request, streamMemory.parse(completion), new CanonicalStream(streamMemory));
    } finally {
      streamMemory.endEvent();
    }
  }

  private static byte[] of(ModelRequest request, JsonNode json, CanonicalStream out) {
    ObjectNode first = ((ObjectNode) json.deepCopy()).without("choices").without("usage");
    first.put("object", "chat.completion.chunk");
    // Other members are written only once, because they may be large and the choices many.
    ObjectNode common = first.deepCopy().retain(COMMON_MEMBERS);
    common.removeIf(value -> value.asString("").length() > ChatChunkWriter.MAX_NAME_LENGTH);
    int position = 0;
    for (JsonNode choice : json.path("choices")) {
      int index = choice.path("index").intValue(position++);
      out.finishChoice(index);
      ObjectNode content = ChatSink.object().put("index", index).putNull("finish_reason");
      content.setAll(otherMembers(choice));
      content.set("delta", delta(choice.path("message")));
      out.writeEvent(chunk(position == 1 ? first : common, content));
      ObjectNode end = ChatSink.object().put("index", index);
      end.putObject("delta");
      out.writeEvent(chunk(common, end.set("finish_reason", choice.path("finish_reason"))));
    }
    boolean includesUsage = request.body().at("/stream_options/include_usage").booleanValue(false);
    if (includesUsage && json.path("usage").isObject()) {
      ObjectNode last = common.deepCopy();
      last.putArray("choices");
      out.writeEvent(last.set("usage", json.path("usage")));
    }
    out.finishChoice(0);
    out.finish();
    return out.take();
  }

  /// Creates a reader for the converted events.
  public static StreamReader reader(ExpectedStream expected, MemoryBudget.Reservation memory) {
    return new SseReader(new OpenAiStream(expected), memory);
  }

  private static ObjectNode chunk(ObjectNode common, ObjectNode choice) {
    ObjectNode chunk = common.deepCopy();
    chunk.putArray("choices").add(choice);
    return chunk;
  }

  /// The members of a choice other than its message and finish reason, such as `logprobs`.
  private static ObjectNode otherMembers(JsonNode choice) {
    ObjectNode others = ChatSink.object();
    choice.forEachEntry((name, value) -> {
      if (!name.equals("message") && !name.equals("finish_reason")) {
        others.set(name, value);
      }
    });
    return others;
  }

  /// The message with an `index` in each of its tool calls.
  private static ObjectNode delta(JsonNode message) {
    ObjectNode delta = ChatSink.object();
    message.forEachEntry(delta::set);
    int index = 0;
    for (JsonNode call : message.path("tool_calls")) {
      if (call instanceof ObjectNode object) {
        delta.withArrayProperty("tool_calls").set(index, withIndex(object, index));
      }
      index++;
    }
    return delta;
  }

  private static ObjectNode withIndex(ObjectNode call, int index) {
    ObjectNode numbered = ChatSink.object().put("index", index);
    return numbered.setAll(call);
  }
}
