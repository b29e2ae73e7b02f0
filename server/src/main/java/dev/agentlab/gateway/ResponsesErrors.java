package dev.agentlab.gateway;

import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.dialects.ResponseIds;
import dev.agentlab.dialects.StreamPosition;
import dev.agentlab.http.Response;
import dev.agentlab.modelclient.ModelCallException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/// Errors in the streams of OpenAI's Responses API
/// (https://platform.openai.com/docs/api-reference/responses-streaming): a broken stream ends with
/// `response.failed`, which Codex reads, and with `error`, which the vendor's clients raise. Other
/// responses have the errors of OpenAI's other APIs.
final class ResponsesErrors extends OpenAiErrors {
  private static final String FAILED = "response.failed";
  private static final String ERROR = "error";
  private static final String SERVER_ERROR = "server_error";
  private static final String IN_PROGRESS = "in_progress";

  @Override
  byte[] event(ModelCallException failure, String requestId, StreamPosition position) {
    Optional<String> original = originalEvent(failure);
    if (original.isPresent()) {
      return event(original.get());
    }
    ByteArrayOutputStream events = new ByteArrayOutputStream();
    ObjectNode error =
        ProviderJson.MAPPER.readTree(body(failure, requestId)).path(ERROR).asObject();
    if (error.path("type").stringValue("").equals(SERVER_ERROR)) {
      // A code of the vendor, after which OpenCode repeats the request; not so after an unknown
      // one.
      error.put("code", SERVER_ERROR);
    }
    long number = position.events();
    if (position.responseId().isPresent()) {
      ObjectNode cause =
          ProviderJson.MAPPER
              .createObjectNode()
              .put("code", error.path("code").stringValue(SERVER_ERROR))
              .put("message", error.path("message").stringValue(""));
      events.writeBytes(
          responseEvent(FAILED, number, position.responseId().get(), "failed", cause));
      number++;
    }
    events.writeBytes(namedEvent(ERROR, errorEvent(number, error)));
    return events.toByteArray();
  }

  /// OpenAI rejects a conversation that is too long in the stream, and Codex shortens it only then.
  @Override
  Optional<Response> failedStream(ModelCallException failure, String requestId) {
    if (!isTooLong(failure)) {
      return Optional.empty();
    }
    String id = ResponseIds.create();
    ByteArrayOutputStream events = new ByteArrayOutputStream();
    JsonNode noError = NullNode.getInstance();
    events.writeBytes(responseEvent("response.created", 0, id, IN_PROGRESS, noError));
    events.writeBytes(responseEvent("response.in_progress", 1, id, IN_PROGRESS, noError));
    events.writeBytes(event(failure, requestId, new StreamPosition(Optional.of(id), 2)));
    return Optional.of(Response.bytes(200, "text/event-stream", events.toByteArray()));
  }

  private static byte[] responseEvent(
      String type, long number, String id, String status, JsonNode error) {
    ObjectNode event =
        ProviderJson.MAPPER.createObjectNode().put("type", type).put("sequence_number", number);
    ObjectNode response =
        event
            .putObject("response")
            .put("id", id)
            .put("object", "response")
            .put("created_at", Instant.now().getEpochSecond())
            .put("status", status);
    response.set(ERROR, error);
    response.putNull("incomplete_details").put("model", "").putArray("output");
    response.put("parallel_tool_calls", true).put("tool_choice", "auto").putArray("tools");
    response.putNull("usage");
    return namedEvent(type, event);
  }

  private static ObjectNode errorEvent(long number, JsonNode error) {
    ObjectNode event =
        ProviderJson.MAPPER.createObjectNode().put("type", ERROR).put("sequence_number", number);
    event.set("code", error.path("code"));
    event.set("message", error.path("message"));
    event.set("param", error.path("param"));
    // Without it, the vendor's clients would not raise the event.
    event.set(ERROR, error);
    return event;
  }

  /// The event for an error as JSON: that of a provider, which has a type, or an error object.
  @Override
  byte[] event(String json) {
    JsonNode parsed = ProviderJson.MAPPER.readTree(json);
    String type = parsed.path("type").stringValue("");
    return type.equals(FAILED) || type.equals(ERROR)
        ? ("event: " + type + "\ndata: " + json.replace("\n", "\ndata: ") + "\n\n")
            .getBytes(StandardCharsets.UTF_8)
        : namedEvent(ERROR, errorEvent(0, parsed.path(ERROR)));
  }

  private static byte[] namedEvent(String name, ObjectNode data) {
    return ("event: " + name + "\ndata: " + ProviderJson.MAPPER.writeValueAsString(data) + "\n\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  @Override
  boolean isRaisedByClients(String json) {
    try {
      String type = ProviderJson.MAPPER.readTree(json).path("type").stringValue("");
      return type.equals(FAILED) || type.equals(ERROR) || super.isRaisedByClients(json);
    } catch (JacksonException e) {
      return false;
    }
  }
}
