package dev.agentlab.lifecycle;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Coordinates the startup, readiness and shutdown of a program's components. Startup tasks run
/// concurrently, except that a task can depend on another; stop tasks run in the reverse order of
/// registration. A lifecycle can be started once and stopped once. Thread-safe.
///
/// ```java
/// lifecycle.onStartup("database", database::start);
/// lifecycle.onStartup("encryption of secrets", "database", vault::start);
/// lifecycle.onShutdown("database", database::stop);
/// lifecycle.addReadinessCheck("database", database::unreadyReason);
/// lifecycle.start();
/// lifecycle.awaitStartup();
/// ```
public final class Lifecycle {

  /// A startup task of a component.
  @FunctionalInterface
  public interface Task {
    /// Returns when the component has started; must return or throw early when interrupted.
    void run() throws Exception;
  }

  /// A stop task of a component.
  @FunctionalInterface
  public interface StopTask {
    /// Returns when the component has stopped; must return or throw immediately when interrupted.
    ///
    /// @param remaining the time that the task may take; zero if none is left
    void stop(Duration remaining) throws Exception;
  }

  private record Named<T>(String name, T task) {}

  /// @param dependency completed when the dependency is done; already completed if there is none
  /// @param completion completed when the task is done, never if it fails
  private record StartupTask(
      String name,
      Task task,
      CompletableFuture<Boolean> dependency,
      CompletableFuture<Boolean> completion) {}

  private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);

  /// The maximum part of the shutdown timeout that is reserved for each following stop task.
  private static final Duration MAX_TIME_SHARE = Duration.ofMillis(500);

  private final Object lock = new Object();
  private final List<StartupTask> startupTasks = new ArrayList<>();
  private final List<Named<StopTask>> stopTasks = new ArrayList<>();
  private final List<Named<Supplier<Optional<String>>>> readinessChecks =
      new CopyOnWriteArrayList<>();
  private final List<Thread> startupThreads = new ArrayList<>();
  private final List<LifecycleException> startupFailures = new ArrayList<>();
  private boolean startCalled;
  private int unfinishedTasks;
  private volatile boolean stopping;

  /// Completed with true after startup, with false if shutdown begins first.
  private final CompletableFuture<Boolean> started = new CompletableFuture<>();

  private final CompletableFuture<Boolean> stopped = new CompletableFuture<>();

  /// Registers a startup task.
  ///
  /// @throws IllegalStateException if startup has begun
  public void onStartup(String name, Task task) {
    add(name, CompletableFuture.completedFuture(true), task);
  }

  /// Registers a startup task that depends on another.
  ///
  /// @param after the name of the other task, which must be registered already
  /// @throws IllegalStateException if startup has begun
  /// @throws IllegalArgumentException if no task of that name is registered
  public void onStartup(String name, String after, Task task) {
    synchronized (lock) {
      StartupTask dependency =
          startupTasks.stream()
              .filter(it -> it.name().equals(after))
              .findFirst()
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "startup task %s depends on %s, which is not registered"
                          .formatted(name, after)));
      add(name, dependency.completion(), task);
    }
  }

  private void add(String name, CompletableFuture<Boolean> after, Task task) {
    synchronized (lock) {
      if (startCalled) {
        throw new IllegalStateException(
            "cannot register startup task %s: startup has begun".formatted(name));
      }
      startupTasks.add(new StartupTask(name, task, after, new CompletableFuture<>()));
    }
  }

  /// Registers a stop task. It runs before all stop tasks registered earlier.
  ///
  /// @throws IllegalStateException if shutdown has begun; the caller must then stop the component
  public void onShutdown(String name, StopTask task) {
    synchronized (lock) {
      if (stopping) {
        throw new IllegalStateException(
            "cannot register stop task %s: shutdown has begun".formatted(name));
      }
      stopTasks.add(new Named<>(name, task));
    }
  }

  /// Registers a readiness check. The program is not ready while the check returns a reason or
  /// throws. It runs each time readiness is queried and must not block.
  ///
  /// @param check returns the reason, which unauthenticated callers can read; empty if ready
  public void addReadinessCheck(String name, Supplier<Optional<String>> check) {
    readinessChecks.add(new Named<>(name, check));
  }

  /// Starts the startup tasks, each on its own virtual thread, without waiting for them. The first
  /// failure interrupts all other tasks, including dependent ones. Does nothing if shutdown has
  /// begun.
  ///
  /// @throws IllegalStateException if called twice
  public void start() {
    synchronized (lock) {
      if (startCalled) {
        throw new IllegalStateException("the lifecycle was already started");
      }
      startCalled = true;
      if (stopping) {
        return;
      }
      unfinishedTasks = startupTasks.size();
      if (unfinishedTasks == 0) {
        started.complete(true);
      }
      for (StartupTask task : startupTasks) {
        startupThreads.add(Thread.ofVirtual().name("start " + task.name()).start(() -> run(task)));
      }
    }
  }

  private void run(StartupTask task) {
    Optional<LifecycleException> failure =
        attempt(
            task.name() + " did not start",
            () -> {
              task.dependency().get();
              task.task().run();
              task.completion().complete(true);
            });
    synchronized (lock) {
      unfinishedTasks--;
      if (failure.isPresent()) {
        startupFailures.add(failure.get());
        startupThreads.forEach(Thread::interrupt);
      }
      if (unfinishedTasks == 0) {
        complete(started, true, startupFailures);
      }
    }
  }

  /// Whether the program is ready: all startup tasks are done, shutdown has not begun, and all
  /// readiness checks pass.
  public boolean isReady() {
    return unreadyReason().isEmpty();
  }

  /// The reason why the program is not ready; empty if it is ready.
  public Optional<String> unreadyReason() {
    return unreadyReason(Optional.empty());
  }

  /// The reason why the program is not ready; empty if it is ready.
  ///
  /// @param excluded the name of a readiness check that may fail
  public Optional<String> unreadyReason(Optional<String> excluded) {
    if (stopping) {
      return Optional.of("the service is stopping");
    }
    if (started.state() != Future.State.SUCCESS || !started.resultNow()) {
      return Optional.of("the service is starting");
    }
    Optional<String> reason =
        readinessChecks.stream()
            .filter(check -> !excluded.equals(Optional.of(check.name())))
            .map(Lifecycle::runCheck)
            .flatMap(Optional::stream)
            .findFirst();
    // Shutdown can begin during the checks.
    return stopping ? Optional.of("the service is stopping") : reason;
  }

  private static Optional<String> runCheck(Named<Supplier<Optional<String>>> check) {
    try {
      return check.task().get();
    } catch (RuntimeException e) {
      LOG.atDebug().setCause(e).log("readiness check {} failed", check.name());
      return Optional.of("the %s check failed".formatted(check.name()));
    }
  }

  /// Waits until all startup tasks have ended or shutdown begins.
  ///
  /// @return true if all tasks are done, false if shutdown began first
  /// @throws LifecycleException if a task failed: the first failure, with the others suppressed
  public boolean awaitStartup() throws InterruptedException {
    try {
      return started.get();
    } catch (ExecutionException e) {
      throw unwrap(e);
    }
  }

  /// Stops all components, and returns or throws within the timeout. Running startup tasks are
  /// interrupted and awaited; then the stop tasks run one after the other, in the reverse order of
  /// registration. Each receives the remaining time, minus a small share for each following task
  /// and half a share to finish in. If the task has not returned at the end of that half, it is
  /// interrupted and abandoned. The following tasks also run after a failure.
  ///
  /// Only the first call stops the components; later calls wait for it, with their own timeout. The
  /// shutdown continues if a waiting caller is interrupted.
  ///
  /// @throws LifecycleException if a component failed to stop in time: the first failure, with the
  ///   others suppressed; or if the shutdown of another caller exceeds the timeout
  public void shutdown(Duration timeout) throws InterruptedException {
    boolean first;
    synchronized (lock) {
      first = !stopping;
      stopping = true;
      complete(started, false, startupFailures);
    }
    try {
      if (first) {
        long deadline = System.nanoTime() + timeout.toNanos();
        Thread.ofVirtual().name("shutdown").start(() -> stopAll(timeout, deadline));
        stopped.get();
      } else {
        stopped.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
      }
    } catch (ExecutionException e) {
      throw unwrap(e);
    } catch (TimeoutException e) {
      throw new LifecycleException("timed out waiting for the shutdown in progress", e);
    }
  }

  private void stopAll(Duration timeout, long deadline) {
    List<LifecycleException> failures = new ArrayList<>();
    List<Named<StopTask>> tasks = stopTasks.reversed();
    int following = tasks.size();
    Duration evenShare = timeout.dividedBy(2L * (following + 1));
    Duration share = evenShare.compareTo(MAX_TIME_SHARE) < 0 ? evenShare : MAX_TIME_SHARE;
    try {
      startupThreads.forEach(Thread::interrupt);
      for (Thread thread : startupThreads) {
        if (!thread.join(remainingUntil(deadline, share.multipliedBy(following)))) {
          failures.add(new LifecycleException(thread.getName() + " did not end when interrupted"));
        }
      }
      for (Named<StopTask> task : tasks) {
        following--;
        Duration reserve = share.multipliedBy(following);
        Duration remaining = remainingUntil(deadline, reserve.plus(share.dividedBy(2)));
        stop(task, remaining, remainingUntil(deadline, reserve)).ifPresent(failures::add);
      }
    } catch (InterruptedException e) {
      failures.add(new LifecycleException("shutdown was interrupted", e));
    }
    complete(stopped, true, failures);
  }

  private static Duration remainingUntil(long deadline, Duration reserve) {
    long nanos = deadline - System.nanoTime() - reserve.toNanos();
    return Duration.ofNanos(Math.max(0, nanos));
  }

  private static Optional<LifecycleException> stop(
      Named<StopTask> task, Duration remaining, Duration limit) throws InterruptedException {
    AtomicReference<Optional<LifecycleException>> failure = new AtomicReference<>(Optional.empty());
    Runnable work =
        () ->
            failure.set(attempt(task.name() + " did not stop", () -> task.task().stop(remaining)));
    Thread thread = Thread.ofVirtual().name("stop " + task.name()).start(work);
    if (thread.join(limit)) {
      return failure.get();
    }
    thread.interrupt();
    String message = "%s did not stop within %d ms".formatted(task.name(), limit.toMillis());
    return Optional.of(new LifecycleException(message));
  }

  private static Optional<LifecycleException> attempt(String failureMessage, Task task) {
    try {
      task.run();
      return Optional.empty();
    } catch (Throwable e) {
      String reason = Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
      return Optional.of(new LifecycleException(failureMessage + ": " + reason, e));
    }
  }

  private static void complete(
      CompletableFuture<Boolean> future, boolean value, List<LifecycleException> failures) {
    if (future.isDone()) {
      return;
    }
    if (failures.isEmpty()) {
      future.complete(value);
    } else {
      LifecycleException first = failures.getFirst();
      failures.stream().skip(1).forEach(first::addSuppressed);
      future.completeExceptionally(first);
    }
  }

  private static LifecycleException unwrap(ExecutionException e) {
    return e.getCause() instanceof LifecycleException failure
        ? failure
        : new LifecycleException("unexpected lifecycle failure", e);
  }
}
