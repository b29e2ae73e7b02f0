package dev.agentlab.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.errors.FieldError;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A problem details object (RFC 9457), sent as `application/problem+json`.
///
/// @param detail an explanation of this occurrence, including what is accepted; never contains a
///   secret
/// @param errors the invalid fields, if the problem is about fields
/// @param blockers the resources that prevent the operation, or the first of many
/// @param retryAfter how long to wait before retrying the request
/// @param upstream the error of the provider, if the provider failed
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

  /// A resource that prevents the operation.
  ///
  /// @param kind the kind of resource, such as `agent`
  @SchemaName("ProblemBlocker")
  public record Blocker(String kind, UUID id, String name) {}

  /// The machine-readable error of a provider.
  ///
  /// @param status the HTTP status of the provider's response
  /// @param type the error type of the provider
  /// @param code the more specific error code of the provider
  /// @param param the invalid member of the request to the provider
  @SchemaName("ProblemUpstream")
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Upstream(
      @SchemaDescription("The HTTP status of the provider's response.") int status,
      @SchemaDescription("The provider's error type, such as `invalid_request_error`.")
          Optional<String> type,
      @SchemaDescription("The provider's error code, such as `context_length_exceeded`.")
          Optional<String> code,
      @SchemaDescription("The invalid member of the request to the provider.")
          Optional<String> param) {}

  public static Problem of(ProblemType type, String detail) {
    return new Problem(type, detail, List.of(), List.of(), Optional.empty(), Optional.empty());
  }

  /// Creates a problem of type [ProblemType#INVALID_REQUEST] for invalid fields.
  public static Problem invalid(List<FieldError> errors) {
    String detail = String.join("; ", errors.stream().map(FieldError::toString).toList());
    return new Problem(
        ProblemType.INVALID_REQUEST, detail, errors, List.of(), Optional.empty(), Optional.empty());
  }

  /// The JSON body of the response.
  ///
  /// @param type the URI reference of the problem type
  /// @param instance the path of the request; `-` if the request is malformed
  /// @param error the same as `detail`, for clients that do not support problem details
  /// @param requestId the id of the request in the log
  /// @param errors absent if the problem is not about fields
  /// @param blockers absent if no other resource prevents the operation
  /// @param upstream absent if no provider responded
  @SchemaName("Problem")
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Body(
      @SchemaDescription("A URI reference that identifies the problem type.") String type,
      @SchemaDescription("A summary of the problem type, the same for every occurrence.")
          String title,
      int status,
      @SchemaDescription("An explanation of this occurrence, including what is accepted.")
          String detail,
      @SchemaDescription("The path of the request.") String instance,
      @SchemaDescription("The same as `detail`, for clients that do not support problem details.")
          String error,
      @SchemaDescription("The id of the request, as in the log.") String requestId,
      Optional<List<FieldError>> errors,
      @SchemaDescription("The resources that prevent the operation, or the first of many.")
          Optional<List<Blocker>> blockers,
      @SchemaDescription("The error of the provider, if the provider failed.")
          Optional<Upstream> upstream) {}

  /// Returns the JSON body for one request.
  Body body(String path, String requestId) {
    return new Body(
        type.uri(),
        type.title(),
        type.status(),
        detail,
        path,
        detail,
        requestId,
        Optional.of(errors).filter(it -> !it.isEmpty()),
        Optional.of(blockers).filter(it -> !it.isEmpty()),
        upstream);
  }

  public Problem retryAfter(Duration wait) {
    return new Problem(type, detail, errors, blockers, Optional.of(wait), upstream);
  }

  /// Returns a copy with the error of a provider.
  public Problem withUpstream(Upstream error) {
    return new Problem(type, detail, errors, blockers, retryAfter, Optional.of(error));
  }

  /// Returns a copy with the resources that prevent the operation.
  public Problem withBlockers(List<Blocker> resources) {
    return new Problem(type, detail, errors, resources, retryAfter, upstream);
  }
}
