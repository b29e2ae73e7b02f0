package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// How an agent is asked to say something.
///
/// @param path of the agent
/// @param revision to run; the newest if empty
/// @param options of the request to the model, over the agent's own
record AgentRun(ApiClient api, String path, Optional<Long> revision, ObjectNode options) {
  /// Longer than an agent may be told to wait for its model.
  private static final Duration ANSWER_WITHIN = Duration.ofHours(2);

  /// The whole answer to a conversation.
  JsonNode answer(ArrayNode messages) {
    return api.post(path + "/chat" + query(), body(messages, options), ANSWER_WITHIN).body();
  }

  /// The answer to a conversation as it comes.
  EventStream stream(ArrayNode messages) {
    ObjectNode asking = options.deepCopy();
    if (!asking.has("stream_options")) {
      asking.putObject("stream_options").put("include_usage", true);
    }
    return api.stream(path + "/chat/stream" + query(), body(messages, asking));
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
