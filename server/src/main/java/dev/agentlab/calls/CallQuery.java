package dev.agentlab.calls;

import dev.agentlab.errors.FieldErrors;
import dev.agentlab.json.JsonbValidator;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Which calls are listed. A call must match every given condition.
///
/// @param from the earliest start, inclusive
/// @param to the latest start, exclusive
/// @param after only calls after this position, which are older
/// @param limit the maximum number of calls
/// @param key the id of the API key
/// @param owner the owner of the key, as `key:<id>` or `token:<subject>`
/// @param agent the id of the agent that was run
/// @param route the id of the route
/// @param texts the required text of each of [#TEXTS]
/// @param tags tags that the call must have
public record CallQuery(
    Optional<Instant> from,
    Optional<Instant> to,
    Optional<CallCursor> after,
    int limit,
    Optional<UUID> key,
    Optional<String> owner,
    Optional<UUID> agent,
    Optional<UUID> route,
    Optional<CallStatus> status,
    Map<String, String> texts,
    Map<String, String> tags) {
  static final int DEFAULT_LIMIT = 50;
  static final int MAX_LIMIT = 1_000;

  /// The columns that are compared with a text.
  static final List<String> TEXTS =
      List.of(
          "session",
          "end_user",
          "provider",
          "model",
          "dialect",
          "operation",
          "outcome",
          "request_id");

  /// @throws dev.agentlab.errors.InvalidInputException if no call could match
  public CallQuery {
    texts = Map.copyOf(texts);
    tags = Map.copyOf(tags);
    FieldErrors errors = new FieldErrors();
    owner.ifPresent(text -> check("owner", text, errors));
    texts.forEach((name, text) -> check(name, text, errors));
    tags.forEach((name, value) -> {
      JsonbValidator.validate("tag", name, errors);
      JsonbValidator.validate("tag", value, errors);
    });
    if (limit < 1 || limit > MAX_LIMIT) {
      errors.add("limit", "must be from 1 to %d, was %d".formatted(MAX_LIMIT, limit));
    }
    if (from.isPresent() && to.isPresent() && !from.get().isBefore(to.get())) {
      errors.add("from", "must be before to (%s), was %s".formatted(to.get(), from.get()));
    }
    errors.throwIfAny();
  }

  private static void check(String field, String text, FieldErrors errors) {
    if (text.isEmpty()) {
      errors.add(field, "must not be empty; omit it to match all");
    }
    JsonbValidator.validate(field, text, errors);
  }
}
