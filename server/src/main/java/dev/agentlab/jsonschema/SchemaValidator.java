package dev.agentlab.jsonschema;

import com.networknt.schema.ValidationLimitExceededException;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.jsonschema.SchemaValidationException.Kind;
import dev.agentlab.upstream.Cancellation;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Validates schemas of callers, and responses against them, on its own platform threads: an
/// evaluation is CPU-bound, and on virtual threads would block the carrier threads for all others.
/// Thread-safe.
public final class SchemaValidator {
  /// The maximum length in characters of a response.
  static final int MAX_RESPONSE_LENGTH = 1 << 20;

  /// Far above the time of an ordinary schema (milliseconds, also while the JVM warms up), and
  /// short enough that evaluations queued behind a malicious one run in time.
  private static final Duration EVALUATION_TIMEOUT = Duration.ofSeconds(2);

  /// More than one, so that one malicious evaluation does not delay all others.
  private static final int THREADS = 2;

  /// The maximum number of running and queued evaluations.
  static final int MAX_EVALUATIONS = THREADS + 30;

  /// How long a response, whose tokens are already paid for, waits for a permit. A schema alone
  /// does not wait.
  private static final Duration QUEUE_TIMEOUT = Duration.ofSeconds(30);

  /// The stack size in bytes. The validator recurses to the depth that [BoundedEvaluation] allows.
  private static final int STACK_BYTES = 8 << 20;

  private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(5);
  private static final String THREAD_NAME_PREFIX = "schema-validator-";

  private final Semaphore permits = new Semaphore(MAX_EVALUATIONS);
  private final ThreadPoolExecutor threads;

  /// Creates an instance without threads; idle threads end.
  public SchemaValidator() {
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_TIMEOUT.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform()
                .daemon()
                .name(THREAD_NAME_PREFIX, 1)
                .stackSize(STACK_BYTES)
                .factory());
    threads.allowCoreThreadTimeOut(true);
  }

  /// Validates a schema.
  ///
  /// @param field the request field of the schema, for the error
  /// @throws InvalidInputException if it is not a JSON Schema (draft 2020-12), refers to other
  ///   documents, has a pattern that RE2 does not support, or is too large or too expensive
  /// @throws SchemaValidationException if the validation could not be completed
  public void validateSchema(ObjectNode schema, String field, Cancellation cancellation) {
    try {
      run(
          () -> {
            CompiledSchema.validateSchema(schema, EVALUATION_TIMEOUT);
            return true;
          },
          Duration.ZERO,
          cancellation);
    } catch (InvalidSchemaException e) {
      throw new InvalidInputException(field, String.valueOf(e.getMessage()));
    } catch (SchemaValidationException e) {
      if (e.kind() == Kind.TOO_EXPENSIVE) {
        throw new InvalidInputException(
            field, "is too expensive, or refers to itself without end: " + e.getMessage());
      }
      throw e;
    }
  }

  /// Validates a response against a schema and returns the errors; empty if it is valid.
  ///
  /// @param schema a valid schema
  /// @param json the response
  /// @throws SchemaValidationException if the validation could not be completed
  public Optional<String> findErrors(ObjectNode schema, String json, Cancellation cancellation) {
    if (json.length() > MAX_RESPONSE_LENGTH) {
      throw new SchemaValidationException(Kind.TOO_EXPENSIVE);
    }
    try {
      return run(
          () -> CompiledSchema.findErrors(schema, json, EVALUATION_TIMEOUT),
          QUEUE_TIMEOUT,
          cancellation);
    } catch (InvalidSchemaException e) {
      throw new SchemaValidationException(Kind.BROKEN);
    }
  }

  /// Cancels all evaluations and accepts no more.
  ///
  /// @throws TimeoutException if an evaluation has not ended within the timeout
  public void stop(Duration timeout) throws InterruptedException, TimeoutException {
    for (Runnable waiting : threads.shutdownNow()) {
      if (waiting instanceof Evaluation<?> evaluation) {
        evaluation.cancel(true);
      }
    }
    if (!threads.awaitTermination(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new TimeoutException("schema validations are still running");
    }
  }

  /// The number of evaluations that can start or queue without waiting.
  int availablePermits() {
    return permits.availablePermits();
  }

  private <T> T run(Callable<T> work, Duration queueTimeout, Cancellation cancellation) {
    Evaluation<T> evaluation = new Evaluation<>(work);
    submit(evaluation, queueTimeout);
    Runnable unregister = cancellation.onCancel(() -> evaluation.cancel(true));
    try {
      return evaluation.get();
    } catch (CancellationException e) {
      throw new SchemaValidationException(Kind.CANCELLED);
    } catch (InterruptedException e) {
      evaluation.cancel(true);
      Thread.currentThread().interrupt();
      throw new SchemaValidationException(Kind.CANCELLED);
    } catch (ExecutionException e) {
      throw toException(e.getCause());
    } finally {
      unregister.run();
    }
  }

  private void submit(Evaluation<?> evaluation, Duration queueTimeout) {
    try {
      if (!permits.tryAcquire(queueTimeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new SchemaValidationException(Kind.BUSY);
      }
      threads.execute(evaluation);
    } catch (RejectedExecutionException e) {
      permits.release();
      throw new SchemaValidationException(Kind.CANCELLED);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SchemaValidationException(Kind.CANCELLED);
    }
  }

  private RuntimeException toException(@Nullable Throwable cause) {
    return switch (cause) {
      case null -> new IllegalStateException("the evaluation failed without a cause");
      case LimitExceededException _, ValidationLimitExceededException _, StackOverflowError _ ->
          new SchemaValidationException(threads.isShutdown() ? Kind.CANCELLED : Kind.TOO_EXPENSIVE);
      case RuntimeException e -> e;
      case Error e -> throw e;
      default -> new IllegalStateException(cause);
    };
  }

  /// One evaluation. Its permit is released when the thread has ended it, not when it is cancelled.
  private final class Evaluation<T> extends FutureTask<T> {
    Evaluation(Callable<T> work) {
      super(work);
    }

    @Override
    public void run() {
      try {
        super.run();
      } finally {
        permits.release();
      }
    }
  }
}
