package dev.agentlab.http;

import dev.agentlab.errors.IdempotencyException;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.errors.UnreadableSecretException;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns what was thrown into what the caller is told.
final class ProblemMapper {
  private static final Logger LOG = LoggerFactory.getLogger(ProblemMapper.class);

  private ProblemMapper() {}

  /// @param endpoint whose handler threw, if the request met one
  /// @param path that was asked for
  static EncodedResponse answer(
      Throwable thrown, Optional<Endpoint> endpoint, String path, String requestId) {
    Problem problem = problem(thrown, endpoint, requestId);
    Map<String, String> headers =
        thrown instanceof RequestRejectedException refusal ? refusal.headers() : Map.of();
    if (problem.retryAfter().isPresent()) {
      long seconds = Math.max(1, problem.retryAfter().get().toSeconds());
      headers = Map.of("Retry-After", Long.toString(seconds));
    }
    boolean closes = thrown instanceof RequestRejectedException refusal && refusal.closes();
    return EncodedResponse.of(problem.body(path, requestId), headers, closes);
  }

  private static Problem problem(Throwable thrown, Optional<Endpoint> endpoint, String requestId) {
    if (thrown instanceof RequestRejectedException refusal) {
      return refusal.problem();
    }
    Optional<Problem> known = endpoint.flatMap(met -> known(thrown, met.group()));
    if (known.isPresent()) {
      return known.get();
    }
    return switch (thrown) {
      case InvalidInputException invalid -> Problem.invalid(invalid.errors());
      case IdempotencyException refused ->
          Problem.of(
              switch (refused.kind()) {
                case IN_PROGRESS -> ProblemType.REQUEST_IN_PROGRESS;
                case REUSED -> ProblemType.IDEMPOTENCY_KEY_REUSED;
              },
              String.valueOf(refused.getMessage()));
      case UnavailableException unavailable -> {
        LOG.debug("something is unavailable", unavailable);
        yield Problem.of(ProblemType.UNAVAILABLE, String.valueOf(unavailable.getMessage()))
            .retryAfter(unavailable.retryAfter());
      }
      case UnreadableSecretException unreadable -> {
        LOG.error("a stored secret cannot be opened", unreadable);
        yield Problem.of(ProblemType.INTERNAL_ERROR, String.valueOf(unreadable.getMessage()));
      }
      default -> {
        LOG.error("a request failed", thrown);
        yield Problem.of(ProblemType.INTERNAL_ERROR, "the log has the cause under " + requestId);
      }
    };
  }

  private static Optional<Problem> known(Throwable thrown, RouteGroup group) {
    try {
      return thrown instanceof RuntimeException exception
          ? group.failures().apply(exception)
          : Optional.empty();
    } catch (RuntimeException worse) {
      thrown.addSuppressed(worse);
      return Optional.empty();
    }
  }
}
