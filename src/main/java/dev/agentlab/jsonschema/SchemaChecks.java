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

/// Judges schemas of callers and holds answers to them, on a few threads of its own: an evaluation
/// computes without a pause, and on a virtual thread would keep all others from running. Safe for
/// all threads.
public final class SchemaChecks {
  /// Far above what an honest schema takes (milliseconds, also while the JVM warms up) and short
  /// enough that those who wait behind a hostile one get their turn.
  private static final Duration LONGEST = Duration.ofSeconds(2);

  /// So that one hostile evaluation does not hold up all others.
  private static final int THREADS = 2;

  /// Being evaluated or waiting for it.
  static final int PLACES = THREADS + 30;

  /// How long an answer, which has been paid for, waits for a place; a schema alone does not.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// The validator and the engine for regular expressions recurse: this is for the depth that
  /// [BoundedEvaluation] and [SchemaShape] let them have.
  private static final int STACK = 8 << 20;

  private static final Duration IDLE = Duration.ofSeconds(5);
  private static final String THREAD_NAME = "schema-check-";

  private final Semaphore places = new Semaphore(PLACES);
  private final ThreadPoolExecutor threads;

  /// Makes it; no thread runs while nothing is checked.
  public SchemaChecks() {
    AtomicInteger made = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread =
                  new Thread(null, task, THREAD_NAME + made.incrementAndGet(), STACK, false);
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /// Refuses what is no schema that answers can be held to.
  ///
  /// @param field what the schema came as
  /// @throws InvalidInputException if it is no JSON Schema (draft 2020-12), refers to others, or is
  ///   too large or too expensive
  /// @throws SchemaCheckException if that could not be found out now
  public void requireFit(ObjectNode schema, String field, Cancellation cancellation) {
    try {
      run(
          () -> {
            CompiledSchema.requireFit(schema);
            return true;
          },
          Duration.ZERO,
          cancellation);
    } catch (UnfitSchemaException e) {
      throw new InvalidInputException(field, String.valueOf(e.getMessage()));
    } catch (SchemaCheckException e) {
      if (e.kind() == Kind.TOO_EXPENSIVE) {
        throw new InvalidInputException(field, "is too expensive: " + e.getMessage());
      }
      throw e;
    }
  }

  /// What is wrong with an answer; empty if nothing.
  ///
  /// @param schema one that is fit
  /// @param json the answer
  /// @throws SchemaCheckException if that could not be found out
  public Optional<String> faults(ObjectNode schema, String json, Cancellation cancellation) {
    try {
      return run(() -> CompiledSchema.of(schema).faults(json), PATIENCE, cancellation);
    } catch (UnfitSchemaException e) {
      throw new SchemaCheckException(Kind.BROKEN);
    }
  }

  /// Stops what is being checked, and begins no more.
  ///
  /// @throws TimeoutException if that has not ended in time
  public void stop(Duration within) throws InterruptedException, TimeoutException {
    for (Runnable waiting : threads.shutdownNow()) {
      if (waiting instanceof Check<?> check) {
        check.cancel(true);
      }
    }
    if (!threads.awaitTermination(within.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new TimeoutException("answers are still being held to schemas");
    }
  }

  /// How many more may come at once.
  int freePlaces() {
    return places.availablePermits();
  }

  private <T> T run(Callable<T> work, Duration patience, Cancellation cancellation) {
    Check<T> check = new Check<>(work);
    enter(check, patience);
    Runnable forget = cancellation.onCancel(() -> check.cancel(true));
    try {
      return check.get();
    } catch (CancellationException e) {
      throw new SchemaCheckException(Kind.CANCELLED);
    } catch (InterruptedException e) {
      check.cancel(true);
      Thread.currentThread().interrupt();
      throw new SchemaCheckException(Kind.CANCELLED);
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } finally {
      forget.run();
    }
  }

  private void enter(Check<?> check, Duration patience) {
    try {
      if (!places.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new SchemaCheckException(Kind.BUSY);
      }
      threads.execute(check);
    } catch (RejectedExecutionException e) {
      places.release();
      throw new SchemaCheckException(Kind.CANCELLED);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SchemaCheckException(Kind.CANCELLED);
    }
  }

  private static RuntimeException failure(@Nullable Throwable cause) {
    return switch (cause) {
      case null -> new IllegalStateException("it failed without a cause");
      case StoppedException e when e.why() == StoppedException.Why.INTERRUPTED ->
          new SchemaCheckException(Kind.CANCELLED);
      case StoppedException _, ValidationLimitExceededException _, StackOverflowError _ ->
          new SchemaCheckException(Kind.TOO_EXPENSIVE);
      case RuntimeException e -> e;
      case Error e -> throw e;
      default -> new IllegalStateException(cause);
    };
  }

  /// One evaluation. Its place is free when the thread has left it, not when it is cancelled.
  private final class Check<T> extends FutureTask<T> {
    Check(Callable<T> work) {
      super(() -> ScopedValue.where(Deadline.CURRENT, Deadline.in(LONGEST)).call(work::call));
    }

    @Override
    public void run() {
      try {
        super.run();
      } finally {
        places.release();
      }
    }
  }
}
