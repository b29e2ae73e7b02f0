package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Checks the order of the events of a Responses stream, and that its last event has what its
/// deltas make, as OpenAI's SDKs assemble them.
final class ResponsesStreamChecker {
  private final List<String> types = new ArrayList<>();
  private final ArrayNode output = ProviderJson.array();
  private @Nullable ObjectNode open;
  private Optional<JsonNode> first = Optional.empty();
  private Optional<JsonNode> response = Optional.empty();

  /// Reads a whole stream.
  static ResponsesStreamChecker read(byte[] stream) {
    ResponsesStreamChecker checker = new ResponsesStreamChecker();
    String text = new String(stream, UTF_8);
    assertThat(text.isEmpty() || text.endsWith("\n\n")).isTrue();
    for (String event : text.split("\n\n", -1)) {
      if (!event.isEmpty()) {
        checker.event(event);
      }
    }
    return checker;
  }

  /// The response of a stream that is complete.
  JsonNode response() {
    assertThat(response).as("the stream has ended").isPresent();
    return response.orElseThrow();
  }

  /// The types of the events, in order.
  List<String> types() {
    return types;
  }

  private void event(String event) {
    String[] lines = event.split("\n", -1);
    assertThat(lines).hasSize(2);
    assertThat(lines[1]).startsWith("data: ");
    JsonNode json = ProviderJson.MAPPER.readTree(lines[1].substring("data: ".length()));
    String type = json.path("type").stringValue();
    assertThat(lines[0]).isEqualTo("event: " + type);
    assertThat(json.path("sequence_number").intValue()).isEqualTo(types.size());
    assertThat(response).as("nothing follows the response").isEmpty();
    assertThat(type.equals("response.created")).isEqualTo(types.isEmpty());
    assertThat(type.equals("response.in_progress")).isEqualTo(types.size() == 1);
    types.add(type);
    switch (type) {
      case "response.created" -> first = Optional.of(json.path("response"));
      case "response.in_progress" ->
          assertThat(json.path("response")).isEqualTo(first.orElseThrow());
      case "response.completed", "response.incomplete" -> end(json.path("response"));
      case "response.output_item.added" -> {
        assertThat(open).as("one item is open at a time").isNull();
        assertThat(json.path("output_index").intValue()).isEqualTo(output.size());
        open = (ObjectNode) json.path("item").deepCopy();
        assertThat(open.path("id").stringValue()).isNotEmpty();
        output.add(open);
      }
      case "response.output_item.done" -> {
        ObjectNode item = item(json);
        JsonNode done = json.path("item");
        item.put("status", done.path("status").asString(""));
        if (!done.has("status")) {
          item.remove("status");
        }
        if (done.has("encrypted_content")) {
          item.set("encrypted_content", done.path("encrypted_content"));
        }
        if (done.path("type").stringValue().equals("tool_search_call")) {
          item.set("arguments", done.path("arguments"));
        }
        assertThat(done).isEqualTo(item);
        open = null;
      }
      default -> content(type, json);
    }
  }

  private ObjectNode item(JsonNode event) {
    ObjectNode item = open;
    assertThat(item).isNotNull();
    assertThat(event.path("output_index").intValue()).isEqualTo(output.size() - 1);
    return item;
  }

  private void content(String type, JsonNode event) {
    ObjectNode item = item(event);
    assertThat(event.path("item_id")).isEqualTo(item.path("id"));
    switch (type) {
      case "response.content_part.added" -> add(item, "content", "content_index", event);
      case "response.output_text.delta" -> {
        ObjectNode part = part(item, "content", "content_index", event);
        append(part, "text", event);
        part.withArrayProperty("logprobs").addAll((ArrayNode) event.path("logprobs"));
      }
      case "response.refusal.delta" ->
          append(part(item, "content", "content_index", event), "refusal", event);
      case "response.output_text.done" -> {
        ObjectNode part = part(item, "content", "content_index", event);
        assertThat(event.path("text")).isEqualTo(part.path("text"));
        assertThat(event.path("logprobs")).isEqualTo(part.path("logprobs"));
      }
      case "response.refusal.done" ->
          assertThat(event.path("refusal"))
              .isEqualTo(part(item, "content", "content_index", event).path("refusal"));
      case "response.content_part.done" ->
          assertThat(event.path("part")).isEqualTo(part(item, "content", "content_index", event));
      case "response.reasoning_summary_part.added" -> add(item, "summary", "summary_index", event);
      case "response.reasoning_summary_text.delta" ->
          append(part(item, "summary", "summary_index", event), "text", event);
      case "response.reasoning_summary_text.done" ->
          assertThat(event.path("text"))
              .isEqualTo(part(item, "summary", "summary_index", event).path("text"));
      case "response.reasoning_summary_part.done" ->
          assertThat(event.path("part")).isEqualTo(part(item, "summary", "summary_index", event));
      case "response.function_call_arguments.delta" -> append(item, "arguments", event);
      case "response.function_call_arguments.done" -> {
        assertThat(event.path("arguments")).isEqualTo(item.path("arguments"));
        assertThat(event.path("name")).isEqualTo(item.path("name"));
      }
      case "response.custom_tool_call_input.delta" -> append(item, "input", event);
      case "response.custom_tool_call_input.done" ->
          assertThat(event.path("input")).isEqualTo(item.path("input"));
      default -> throw new AssertionError(type);
    }
  }

  private static void add(ObjectNode item, String member, String index, JsonNode event) {
    ArrayNode parts = item.withArrayProperty(member);
    assertThat(event.path(index).intValue()).isEqualTo(parts.size());
    parts.add(event.path("part").deepCopy());
  }

  private static ObjectNode part(ObjectNode item, String member, String index, JsonNode event) {
    return (ObjectNode) item.path(member).path(event.path(index).intValue());
  }

  private static void append(ObjectNode target, String member, JsonNode event) {
    target.put(member, target.path(member).stringValue() + event.path("delta").stringValue());
  }

  private void end(JsonNode last) {
    assertThat(open).as("all items are done").isNull();
    assertThat(last.path("output")).isEqualTo(output);
    assertThat(types.getLast()).isEqualTo("response." + last.path("status").stringValue());
    ObjectNode started = (ObjectNode) last.deepCopy();
    started.put("status", "in_progress").putNull("usage").putNull("incomplete_details");
    started.putArray("output");
    started.remove("extra_content");
    assertThat(first).contains(started);
    response = Optional.of(last);
  }
}
