package dev.agentlab.gateway;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.http.Request;
import dev.agentlab.json.Json;
import dev.agentlab.modelclient.routes.LabelHeaders;
import dev.agentlab.modelclient.routes.LabelHeaders.Session;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Finds the session of a request: the conversation or piece of work that it is part of. Clients
/// name it in a header field of this service, in that of Claude Code, in `prompt_cache_key`
/// (https://platform.openai.com/docs/api-reference/chat), or within `metadata.user_id`, as Claude
/// Code does.
///
/// @param headers the header fields with labels of calls
record SessionIds(LabelHeaders headers) {
  /// Maximum size of a member that is read.
  private static final int MAX_MEMBER_BYTES = 16 << 10;

  private static final String USER_SESSION = "_session_";

  /// The session of a request; empty if it names none.
  ///
  /// @param received its JSON; empty if it has another form
  Optional<Session> of(Request<?> request, Optional<ModelRequest> received) {
    return headers.session(request).or(() -> received.flatMap(SessionIds::ofBody));
  }

  /// The session of a request; empty if it names none.
  ///
  /// @param fields its header fields, by name in lower case
  Optional<Session> of(Map<String, String> fields, Optional<ModelRequest> received) {
    return headers.session(fields).or(() -> received.flatMap(SessionIds::ofBody));
  }

  /// The session that the JSON of a request names.
  static Optional<Session> ofBody(ModelRequest received) {
    return LabelHeaders.label(member(received, "prompt_cache_key").stringValue(null))
        .map(it -> new Session(it, "prompt_cache_key"))
        .or(() ->
            userId(received)
                .flatMap(SessionIds::ofUser)
                .flatMap(LabelHeaders::label)
                .map(it -> new Session(it, "metadata.user_id")));
  }

  /// The text of `metadata.user_id`, by which a client of Anthropic's API identifies its user.
  static Optional<String> userId(ModelRequest received) {
    return LabelHeaders.text(
        member(received, "metadata").path("user_id").stringValue(null), MAX_MEMBER_BYTES);
  }

  /// The value of a member of a request; a missing node if it is absent, large or not valid.
  static JsonNode member(ModelRequest received, String name) {
    if (received.length(name) > MAX_MEMBER_BYTES) {
      return Json.MAPPER.missingNode();
    }
    try {
      return received.member(name);
    } catch (InvalidInputException _) {
      return Json.MAPPER.missingNode();
    }
  }

  /// The session within a user id of Claude Code: `user_…_account_…_session_<id>`, or a JSON object
  /// with `session_id`.
  private static Optional<String> ofUser(String userId) {
    if (userId.startsWith("{")) {
      try {
        return Optional.ofNullable(
            Json.MAPPER.readTree(userId).path("session_id").stringValue(null));
      } catch (JacksonException _) {
        return Optional.empty();
      }
    }
    int session = userId.lastIndexOf(USER_SESSION);
    return session < 0
        ? Optional.empty()
        : Optional.of(userId.substring(session + USER_SESSION.length()));
  }
}
