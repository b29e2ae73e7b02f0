package dev.agentlab.jsonschema;

import com.networknt.schema.ValidationLimitExceededException;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.jsonschema.SchemaCheckException.Kind;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Validates schemas of callers, and responses against them, on its own platform threads: an
/// evaluation is CPU-bound, and on virtual threads would block the carrier threads for all others.
/// Thread-safe.
public final class SchemaChecks {
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

  /// The stack size in bytes. The validator and the regular expression engine recurse, to the depth
  /// that [BoundedEvaluation] and [SchemaComplexity] allow.
  private static final int STACK_BYTES = 8 << 20;

  private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(5);
  private static final String THREAD_NAME_PREFIX = "schema-check-";

  private final Semaphore permits = new Semaphore(MAX_EVALUATIONS);
  private final ThreadPoolExecutor threads;

  /// Creates an instance without threads; idle threads end.
  public SchemaChecks() {
    AtomicInteger threadCount = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_TIMEOUT.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread =
                  new Thread(
                      null,
                      task,
                      THREAD_NAME_PREFIX + threadCount.incrementAndGet(),
                      STACK_BYTES,
                      false);
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /// Validates a schema.
  ///
  /// @param field the request field of the schema, for the error
  /// @throws InvalidInputException if it is not a JSON Schema (draft 2020-12), refers to other
  ///   documents, or is too large or too expensive
  /// @throws SchemaCheckException if the validation could not be completed
  public void validateSchema(ObjectNode schema, String field, Cancellation cancellation) {
    try {
      run(
          () -> {
            CompiledSchema.validateSchema(schema);
            return true;
          },
          Duration.ZERO,
          cancellation);
    } catch (InvalidSchemaException e) {
      throw new InvalidInputException(field, String.valueOf(e.getMessage()));
    } catch (SchemaCheckException e) {
      if (e.kind() == Kind.TOO_EXPENSIVE) {
        throw new InvalidInputException(field, "is too expensive: " + e.getMessage());
      }
      throw e;
    }
  }

  /// Validates a response against a schema and returns the errors; empty if it is valid.
  ///
  /// @param schema a valid schema
  /// @param json the response
  /// @throws SchemaCheckException if the validation could not be completed
  public Optional<String> findErrors(ObjectNode schema, String json, Cancellation cancellation) {
    try {
      return run(
          () -> CompiledSchema.compile(schema).findErrors(json), QUEUE_TIMEOUT, cancellation);
    } catch (InvalidSchemaException e) {
      throw new SchemaCheckException(Kind.BROKEN);
    }
  }

  /// Cancels all evaluations and accepts no more.
  ///
  /// @throws TimeoutException if an evaluation has not ended within the timeout
  public void stop(Duration timeout) throws InterruptedException, TimeoutException {
    for (Runnable waiting : threads.shutdownNow()) {
      if (waiting instanceof Check<?> check) {
        check.cancel(true);
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
    Check<T> check = new Check<>(work);
    submit(check, queueTimeout);
    Runnable unregister = cancellation.onCancel(() -> check.cancel(true));
    try {
      return check.get();
    } catch (CancellationException e) {
      throw new SchemaCheckException(Kind.CANCELLED);
    } catch (InterruptedException e) {
      check.cancel(true);
      Thread.currentThread().interrupt();
      throw new SchemaCheckException(Kind.CANCELLED);
    } catch (ExecutionException e) {
      throw toException(e.getCause());
    } finally {
      unregister.run();
    }
  }

  private void submit(Check<?> check, Duration queueTimeout) {
    try {
      if (!permits.tryAcquire(queueTimeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new SchemaCheckException(Kind.BUSY);
      }
      threads.execute(check);
    } catch (RejectedExecutionException e) {
      permits.release();
      throw new SchemaCheckException(Kind.CANCELLED);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SchemaCheckException(Kind.CANCELLED);
    }
  }

  private static RuntimeException toException(@Nullable Throwable cause) {
    return switch (cause) {
      case null -> new IllegalStateException("the evaluation failed without a cause");
      case StoppedException e when e.reason() == StoppedException.Reason.INTERRUPTED ->
          new SchemaCheckException(Kind.CANCELLED);
      case StoppedException _, ValidationLimitExceededException _, StackOverflowError _ ->
          new SchemaCheckException(Kind.TOO_EXPENSIVE);
      case RuntimeException e -> e;
      case Error e -> throw e;
      default -> new IllegalStateException(cause);
    };
  }

  /// One evaluation. Its permit is released when the thread has ended it, not when it is cancelled.
  private final class Check<T> extends FutureTask<T> {
    Check(Callable<T> work) {
      super(() ->
          ScopedValue.where(Deadline.CURRENT, Deadline.after(EVALUATION_TIMEOUT)).call(work::call));
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
