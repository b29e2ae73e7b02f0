package dev.agentlab.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.errors.FieldError;
import dev.agentlab.json.Description;
import dev.agentlab.json.SchemaName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A failure as a caller sees it; sent as `application/problem+json` (RFC 9457).
///
/// @param detail what happened this time and what would be right; never holds a secret
/// @param errors the fields at fault, when the failure is about fields
/// @param blockers the resources that stand in the way, or the first of many
/// @param retryAfter how long to wait before the same request may succeed
/// @param upstream what another service said, when it is that one which failed
public record Problem(
    ProblemType type,
    String detail,
    List<FieldError> errors,
    List<Blocker> blockers,
    Optional<Duration> retryAfter,
    Optional<Upstream> upstream) {
  public Problem {
    errors = List.copyOf(errors);
    blockers = List.copyOf(blockers);
  }

  /// A resource that stands in the way.
  ///
  /// @param kind what it is, in one word: `agent`
  @SchemaName("ProblemBlocker")
  public record Blocker(String kind, UUID id, String name) {}

  /// What a provider's answer said of its failure, for programs.
  ///
  /// @param status of its answer
  /// @param type what went wrong, in its words
  /// @param code the same, more narrowly
  /// @param param the member of the request to it that is at fault
  @SchemaName("ProblemUpstream")
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Upstream(
      @Description("The HTTP status of its answer.") int status,
      @Description("What went wrong, in its words: `invalid_request_error`.") Optional<String> type,
      @Description("The same, more narrowly: `context_length_exceeded`.") Optional<String> code,
      @Description("The member of the request to it that is at fault.") Optional<String> param) {}

  public static Problem of(ProblemType type, String detail) {
    return new Problem(type, detail, List.of(), List.of(), Optional.empty(), Optional.empty());
  }

  /// A request at fault in the fields named.
  public static Problem invalid(List<FieldError> errors) {
    String detail = String.join("; ", errors.stream().map(FieldError::toString).toList());
    return new Problem(
        ProblemType.INVALID_REQUEST, detail, errors, List.of(), Optional.empty(), Optional.empty());
  }

  /// The problem of one request, as it is sent.
  ///
  /// @param type names the kind of problem
  /// @param instance the path that was asked for; `-` for a request that cannot be understood
  /// @param error the same as the detail, for clients that know no problem details
  /// @param requestId under which the log knows the request
  /// @param errors left out when the failure is not about fields
  /// @param blockers left out when no other resource stands in the way
  /// @param upstream left out when no provider answered
  @SchemaName("Problem")
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Body(
      @Description("Names the kind of problem.") String type,
      @Description("The same words for every problem of the kind.") String title,
      int status,
      @Description("What happened this time and what would be right.") String detail,
      @Description("The path that was asked for.") String instance,
      @Description("The same as `detail`.") String error,
      @Description("Under which the log knows the request.") String requestId,
      Optional<List<FieldError>> errors,
      @Description("The resources that stand in the way, or the first of many.")
          Optional<List<Blocker>> blockers,
      @Description("What the provider said, if it is the one that failed.")
          Optional<Upstream> upstream) {}

  Body body(String path, String requestId) {
    return new Body(
        type.uri(),
        type.title(),
        type.status(),
        detail,
        path,
        detail,
        requestId,
        Optional.of(errors).filter(some -> !some.isEmpty()),
        Optional.of(blockers).filter(some -> !some.isEmpty()),
        upstream);
  }

  public Problem retryAfter(Duration wait) {
    return new Problem(type, detail, errors, blockers, Optional.of(wait), upstream);
  }

  /// The same, with what a provider said.
  public Problem saying(Upstream said) {
    return new Problem(type, detail, errors, blockers, retryAfter, Optional.of(said));
  }

  /// The same, naming what stands in the way.
  public Problem blockedBy(List<Blocker> some) {
    return new Problem(type, detail, errors, some, retryAfter, upstream);
  }
}
