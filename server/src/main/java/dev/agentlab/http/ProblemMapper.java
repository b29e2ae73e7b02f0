package dev.agentlab.http;

import dev.agentlab.errors.IdempotencyException;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.errors.UnreadableSecretException;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Maps exceptions to problem responses.
final class ProblemMapper {
  private static final Logger LOG = LoggerFactory.getLogger(ProblemMapper.class);

  private ProblemMapper() {}

  /// Returns the response for an exception.
  ///
  /// @param endpoint the endpoint of the request, if a route matched
  /// @param format the format of the response
  /// @param path the path of the request
  static EncodedResponse toResponse(
      Throwable thrown,
      Optional<Endpoint> endpoint,
      ErrorFormat format,
      String path,
      String requestId) {
    Problem problem = toProblem(thrown, endpoint, requestId);
    Map<String, String> headers =
        thrown instanceof RequestRejectedException rejection
            ? rejection.headers()
            : headers(problem.type());
    if (problem.retryAfter().isPresent()) {
      long seconds = Math.max(1, problem.retryAfter().get().plusMillis(999).toSeconds());
      headers = Map.of("Retry-After", Long.toString(seconds));
    }
    boolean closes =
        thrown instanceof RequestRejectedException rejection && rejection.closesConnection();
    return EncodedResponse.of(
        problem.type().status(), format.encode(problem, path, requestId), headers, closes);
  }

  /// The headers that a status requires (RFC 9110, section 15.5.2).
  private static Map<String, String> headers(ProblemType type) {
    return type.status() == 401 ? RequestCredential.CHALLENGE : Map.of();
  }

  private static Problem toProblem(
      Throwable thrown, Optional<Endpoint> endpoint, String requestId) {
    if (thrown instanceof RequestRejectedException rejection) {
      return rejection.problem();
    }
    Optional<Problem> mapped = endpoint.flatMap(it -> mapWithGroup(thrown, it.group()));
    if (mapped.isPresent()) {
      return mapped.get();
    }
    return switch (thrown) {
      case InvalidInputException invalid -> Problem.invalid(invalid.errors());
      case IdempotencyException conflict ->
          Problem.of(
              switch (conflict.kind()) {
                case IN_PROGRESS -> ProblemType.REQUEST_IN_PROGRESS;
                case REUSED -> ProblemType.IDEMPOTENCY_KEY_REUSED;
              },
              String.valueOf(conflict.getMessage()));
      case UnavailableException unavailable -> {
        LOG.debug("dependency unavailable", unavailable);
        yield Problem.of(ProblemType.UNAVAILABLE, String.valueOf(unavailable.getMessage()))
            .retryAfter(unavailable.retryAfter());
      }
      case UnreadableSecretException unreadable -> {
        LOG.error("stored secret could not be decrypted", unreadable);
        yield Problem.of(ProblemType.INTERNAL_ERROR, String.valueOf(unreadable.getMessage()));
      }
      default -> {
        LOG.error("request failed", thrown);
        yield Problem.of(
            ProblemType.INTERNAL_ERROR,
            "an unexpected error occurred; see the log for request_id " + requestId);
      }
    };
  }

  private static Optional<Problem> mapWithGroup(Throwable thrown, RouteGroup group) {
    try {
      return thrown instanceof RuntimeException exception
          ? group.problemMapper().apply(exception)
          : Optional.empty();
    } catch (RuntimeException mapperFailure) {
      thrown.addSuppressed(mapperFailure);
      return Optional.empty();
    }
  }
}
