package dev.agentlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A session as Claude Code has it with a gateway
/// (https://code.claude.com/docs/en/llm-gateway-protocol): its requests, and how it reads a stream.
/// Claude Code itself may not be copied.
final class ClaudeCodeSession implements AutoCloseable {
  static final String BETA =
      "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,"
          + "prompt-caching-scope-2026-01-05,effort-2025-11-24";
  static final String SESSION_ID = "5f0c6a52-9c39-4f4e-8f5a-0c1f3f6b2d11";
  static final String USER_ID = "{\"device_id\":\"d1\",\"session_id\":\"" + SESSION_ID + "\"}";
  static final String INSTRUCTIONS = "You are a coding agent.";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI url;
  private final String key;
  private final String model;
  private final ArrayNode messages = Json.MAPPER.createArrayNode();

  /// A complete response.
  ///
  /// @param content the blocks as the next request repeats them
  record Turn(ArrayNode content, String stopReason, JsonNode usage, Optional<String> warnings) {
    List<JsonNode> toolCalls() {
      return content
          .valueStream()
          .filter(it -> it.path("type").asString().equals("tool_use"))
          .toList();
    }
  }

  ClaudeCodeSession(URI url, String key, String model) {
    this.url = url;
    this.key = key;
    this.model = model;
  }

  /// A copy of the session with another model.
  ClaudeCodeSession withModel(String otherModel) {
    ClaudeCodeSession copy = new ClaudeCodeSession(url, key, otherModel);
    copy.messages.addAll(messages.deepCopy());
    return copy;
  }

  @Override
  public void close() {
    http.close();
  }

  /// Sends a request without a body.
  HttpResponse<String> probe(String method, String path) throws IOException, InterruptedException {
    return send(method, path, BodyPublishers.noBody());
  }

  /// Sends what the user wrote.
  Turn ask(String text) throws IOException, InterruptedException {
    addMessage(block("text").put("text", text));
    return stream();
  }

  /// Sends the results of the tools that the model called.
  Turn answerTools(Turn turn, String result) throws IOException, InterruptedException {
    addMessage(
        turn.toolCalls().stream()
            .map(call ->
                block("tool_result")
                    .put("tool_use_id", call.path("id").asString())
                    .put("content", result))
            .toArray(ObjectNode[]::new));
    return stream();
  }

  /// Sends what the user wrote, and returns the response whatever its status is.
  HttpResponse<String> send(String text) throws IOException, InterruptedException {
    addMessage(block("text").put("text", text));
    return send();
  }

  private HttpResponse<String> send() throws IOException, InterruptedException {
    return send("POST", "/v1/messages?beta=true", BodyPublishers.ofString(request().toString()));
  }

  /// Counts the tokens of the conversation with another text.
  HttpResponse<String> countTokens(String text) throws IOException, InterruptedException {
    addMessage(block("text").put("text", text));
    ObjectNode request = request();
    request.remove(List.of("stream", "max_tokens", "metadata", "temperature"));
    return send(
        "POST", "/v1/messages/count_tokens?beta=true", BodyPublishers.ofString(request.toString()));
  }

  private HttpResponse<String> send(String method, String path, BodyPublisher body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url.resolve(path))
            .method(method, body)
            .header("Authorization", "Bearer " + key)
            .header("Content-Type", "application/json")
            .header("anthropic-version", "2023-06-01")
            .header("anthropic-beta", BETA)
            .header("anthropic-dangerous-direct-browser-access", "true")
            .header("User-Agent", "claude-cli/2.1.216 (external, cli)")
            .header("x-app", "cli")
            .header("x-claude-code-session-id", SESSION_ID)
            .header("x-stainless-lang", "js")
            .build();
    return http.send(request, BodyHandlers.ofString());
  }

  private static ObjectNode block(String type) {
    return Json.MAPPER.createObjectNode().put("type", type);
  }

  /// Adds a message of the user. Only the newest one has a cache marker.
  private void addMessage(ObjectNode... blocks) {
    messages.findParents("cache_control").forEach(it -> ((ObjectNode) it).remove("cache_control"));
    blocks[blocks.length - 1].putObject("cache_control").put("type", "ephemeral");
    messages.addObject().put("role", "user").putArray("content").addAll(List.of(blocks));
  }

  private ObjectNode request() {
    ObjectNode request =
        Json.MAPPER
            .readTree(
                """
                {"max_tokens": 32000, "stream": true, "temperature": 1,
                 "thinking": {"type": "enabled", "budget_tokens": 31999},
                 "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
                 "system": [
                   {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.216; cc_entrypoint=cli;"},
                   {"type": "text", "text": "%s",
                    "cache_control": {"type": "ephemeral", "ttl": "1h"}},
                   {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
                 "tools": [
                   {"name": "get_weather", "description": "Gets the weather.",
                    "input_schema": {"$schema": "https://json-schema.org/draft/2020-12/schema",
                      "type": "object", "properties": {"city": {"type": "string"}},
                      "required": ["city"], "additionalProperties": false}},
                   {"name": "get_time", "description": "Gets the time.",
                    "input_schema": {"type": "object", "properties": {}}}]}
                """
                    .formatted(INSTRUCTIONS))
            .asObject();
    request.put("model", model);
    request.putObject("metadata").put("user_id", USER_ID);
    return request.set("messages", messages.deepCopy());
  }

  private Turn stream() throws IOException, InterruptedException {
    HttpResponse<String> response = send();
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.headers().firstValue("request-id")).isPresent();
    Turn turn = read(response);
    messages.addObject().put("role", "assistant").set("content", turn.content().deepCopy());
    return turn;
  }

  /// Reads the events by their names, in the order that Anthropic has.
  private static Turn read(HttpResponse<String> response) {
    ArrayNode content = Json.MAPPER.createArrayNode();
    StringBuilder input = new StringBuilder();
    List<String> types = new ArrayList<>();
    JsonNode end = Json.MAPPER.missingNode();
    for (String event : response.body().split("\n\n", -1)) {
      if (event.isBlank()) {
        continue;
      }
      String[] lines = event.split("\n", -1);
      assertThat(lines).as(event).hasSize(2);
      JsonNode data = Json.MAPPER.readTree(lines[1].replaceFirst("data: ", ""));
      String type = data.path("type").asString();
      assertThat(lines[0]).isEqualTo("event: " + type);
      types.add(type);
      int index = data.path("index").asInt(-1);
      switch (type) {
        case "content_block_start" -> {
          assertThat(index).isEqualTo(content.size());
          content.add(data.path("content_block"));
          input.setLength(0);
        }
        case "content_block_delta" ->
            append(content.get(index).asObject(), data.path("delta"), input);
        case "content_block_stop" -> {
          if (content.get(index).has("input")) {
            ObjectNode call = content.get(index).asObject();
            call.set("input", Json.MAPPER.readTree(input.isEmpty() ? "{}" : input.toString()));
          }
        }
        case "message_delta" -> end = data;
        default -> assertThat(type).isIn("message_start", "message_stop", "ping");
      }
    }
    assertThat(types.getFirst()).isEqualTo("message_start");
    assertThat(types.getLast()).isEqualTo("message_stop");
    return new Turn(
        content,
        end.at("/delta/stop_reason").asString(),
        end.path("usage"),
        response.headers().firstValue("Agent-Lab-Warnings"));
  }

  private static void append(ObjectNode block, JsonNode delta, StringBuilder input) {
    switch (delta.path("type").asString()) {
      case "text_delta" -> append(block, "text", delta);
      case "thinking_delta" -> append(block, "thinking", delta);
      case "signature_delta" -> append(block, "signature", delta);
      case "input_json_delta" -> input.append(delta.path("partial_json").asString());
      default -> throw new AssertionError(delta.toString());
    }
  }

  private static void append(ObjectNode block, String member, JsonNode delta) {
    block.put(member, block.path(member).asString("") + delta.path(member).asString());
  }
}
