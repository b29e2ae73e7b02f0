package dev.agentlab.gateway;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.http.Request;
import dev.agentlab.modelclient.CallLabels;
import dev.agentlab.modelclient.routes.LabelHeaders;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Reads the labels of a model call from the header and the JSON of its request. Those of the
/// header take precedence. What does not fit into the limits is cut or ignored in JSON, which is
/// the vendor's.
final class RequestLabels {
  private final LabelHeaders headers;
  private final SessionIds sessions;

  RequestLabels(LabelHeaders headers) {
    this.headers = headers;
    this.sessions = new SessionIds(headers);
  }

  /// The names of the header fields, which are not for a provider.
  Set<String> headerNames() {
    return headers.names();
  }

  /// The sessions of requests.
  SessionIds sessions() {
    return sessions;
  }

  /// The labels of a request.
  ///
  /// @param received its JSON; empty if it has another form
  /// @throws dev.agentlab.errors.InvalidInputException if a header field is malformed
  CallLabels read(Request<?> request, Optional<ModelRequest> received) {
    CallLabels header = headers.read(request);
    if (received.isEmpty()) {
      return header;
    }
    ModelRequest json = received.get();
    return new CallLabels(
        header.requestId(),
        header.session().or(() -> SessionIds.ofBody(json).map(LabelHeaders.Session::id)),
        header
            .endUser()
            .or(() -> LabelHeaders.mayNameEndUser(request) ? endUser(json) : Optional.empty()),
        merge(header.tags(), json));
  }

  /// Anthropic's requests have the user in their metadata, OpenAI's at the top.
  private static Optional<String> endUser(ModelRequest json) {
    return json.operation() == Operation.MESSAGES
        ? SessionIds.userId(json).flatMap(LabelHeaders::label)
        : text(json, "safety_identifier").or(() -> text(json, "user"));
  }

  private static Optional<String> text(ModelRequest json, String member) {
    return LabelHeaders.label(SessionIds.member(json, member).stringValue(null));
  }

  /// OpenAI's metadata is an object of texts
  /// (https://platform.openai.com/docs/api-reference/chat/create#chat_create-metadata).
  private static Map<String, String> merge(Map<String, String> tags, ModelRequest json) {
    if (json.operation() == Operation.MESSAGES) {
      return tags;
    }
    JsonNode metadata = SessionIds.member(json, "metadata");
    if (!metadata.isObject() || metadata.isEmpty()) {
      return tags;
    }
    Map<String, String> merged = new LinkedHashMap<>(tags);
    metadata.forEachEntry((name, value) -> {
      if (merged.size() < LabelHeaders.MAX_TAGS
          && value.isString()
          && !name.isEmpty()
          && name.length() <= LabelHeaders.MAX_TAG_NAME_LENGTH) {
        merged.putIfAbsent(
            name, LabelHeaders.cut(value.stringValue(), LabelHeaders.MAX_LABEL_LENGTH));
      }
    });
    return merged;
  }
}
