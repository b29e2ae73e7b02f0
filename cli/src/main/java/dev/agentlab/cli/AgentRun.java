package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The requests of one chat with an agent.
///
/// @param path the path of the agent
/// @param revision the revision to run; the newest if empty
/// @param options the request options that override the agent's
record AgentRun(ApiClient api, String path, Optional<Long> revision, ObjectNode options) {
  /// More than the longest timeout that an agent can have.
  private static final Duration RESPONSE_TIMEOUT = Duration.ofHours(2);

  /// The non-streaming response to a conversation.
  JsonNode complete(ArrayNode messages) {
    return api.post(path + "/chat" + query(), body(messages, options), RESPONSE_TIMEOUT).body();
  }

  /// The streaming response to a conversation.
  EventStream stream(ArrayNode messages) {
    ObjectNode streamOptions = options.deepCopy();
    if (!streamOptions.has("stream_options")) {
      streamOptions.putObject("stream_options").put("include_usage", true);
    }
    return api.stream(path + "/chat/stream" + query(), body(messages, streamOptions));
  }

  private String query() {
    return revision.map(number -> "?revision=" + number).orElse("");
  }

  private static ObjectNode body(ArrayNode messages, ObjectNode options) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.set("messages", messages);
    if (!options.isEmpty()) {
      body.set("options", options);
    }
    return body;
  }
}
