package dev.agentlab.agents.run;

import dev.agentlab.json.Json;
import java.util.List;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// The chunks of a streamed chat completion, parsed from server-sent events.
///
/// @param chunks without `[DONE]`
public record ChatEvents(List<JsonNode> chunks) {
  public static ChatEvents of(String text) {
    return new ChatEvents(
        text.lines()
            .filter(line -> line.startsWith("data: {"))
            .map(line -> Json.MAPPER.readTree(line.substring("data: ".length())))
            .toList());
  }

  public String content() {
    return concatenate("/choices/0/delta/content");
  }

  /// The concatenated strings at a JSON pointer in the chunks.
  public String concatenate(String pointer) {
    StringBuilder text = new StringBuilder();
    chunks.forEach(chunk -> text.append(chunk.at(pointer).stringValue("")));
    return text.toString();
  }

  public String finishReason() {
    return concatenate("/choices/0/finish_reason");
  }

  /// The tool calls, each merged from its parts.
  public List<Call> toolCalls() {
    TreeMap<Integer, Call> calls = new TreeMap<>();
    for (JsonNode chunk : chunks) {
      for (JsonNode part : chunk.at("/choices/0/delta/tool_calls")) {
        calls.merge(
            part.get("index").intValue(),
            new Call(
                part.path("id").stringValue(""),
                part.at("/function/name").stringValue(""),
                part.at("/function/arguments").stringValue("")),
            Call::append);
      }
    }
    return List.copyOf(calls.values());
  }

  /// The total tokens of the usage; 0 if there is none.
  public int totalTokens() {
    return chunks.stream().mapToInt(chunk -> chunk.at("/usage/total_tokens").intValue(0)).sum();
  }

  /// A call of a tool, or a part of one.
  public record Call(String id, String name, String arguments) {
    private Call append(Call next) {
      return new Call(id + next.id, name + next.name, arguments + next.arguments);
    }
  }
}
