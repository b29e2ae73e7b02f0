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

/// Coordinates the parts of a program: what they do to start, all at once unless one needs another;
/// what they do to stop, the last first; and whether they are ready. It starts once and stops once.
/// Safe for all threads.
///
/// ```java
/// lifecycle.onStartup("database", database::start);
/// lifecycle.onStartup("vault", "database", vault::start);
/// lifecycle.onShutdown("database", database::stop);
/// lifecycle.readyUnless("database", database::unreadyReason);
/// lifecycle.start();
/// lifecycle.waitForStartup();
/// ```
public final class Lifecycle {

  /// What a part does to start.
  @FunctionalInterface
  public interface Task {
    /// Returns once the part has started; ends early when interrupted.
    void run() throws Exception;
  }

  /// What a part does to stop.
  @FunctionalInterface
  public interface StopTask {
    /// Returns once the part has stopped; ends at once when interrupted.
    ///
    /// @param remaining how long it may take; zero when there is no time left
    void stop(Duration remaining) throws Exception;
  }

  private record Named<T>(String name, T task) {}

  /// @param after what must have been done before; done already if nothing must
  /// @param done completed once it is done, never if it fails
  private record Start(
      String name, Task task, CompletableFuture<Boolean> after, CompletableFuture<Boolean> done) {}

  private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);

  /// What of a shutdown's time is kept for each stop task, at most.
  private static final Duration SHARE = Duration.ofMillis(500);

  private final Object lock = new Object();
  private final List<Start> startTasks = new ArrayList<>();
  private final List<Named<StopTask>> stopTasks = new ArrayList<>();
  private final List<Named<Supplier<Optional<String>>>> checks = new CopyOnWriteArrayList<>();
  private final List<Thread> starting = new ArrayList<>();
  private final List<LifecycleException> startFailures = new ArrayList<>();
  private boolean startCalled;
  private int unfinished;
  private volatile boolean stopping;

  /// True once started, false when shutdown began first.
  private final CompletableFuture<Boolean> started = new CompletableFuture<>();

  private final CompletableFuture<Boolean> stopped = new CompletableFuture<>();

  /// Adds something to do at start.
  ///
  /// @throws IllegalStateException once the start has been called for
  public void onStartup(String name, Task task) {
    add(name, CompletableFuture.completedFuture(true), task);
  }

  /// Adds something to do at start once something else is done.
  ///
  /// @param after the name of the other, added before
  /// @throws IllegalStateException once the start has been called for
  /// @throws IllegalArgumentException if there is no other of that name
  public void onStartup(String name, String after, Task task) {
    synchronized (lock) {
      Start other =
          startTasks.stream()
              .filter(it -> it.name().equals(after))
              .findFirst()
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "%s waits for %s, which is not there".formatted(name, after)));
      add(name, other.done(), task);
    }
  }

  private void add(String name, CompletableFuture<Boolean> after, Task task) {
    synchronized (lock) {
      if (startCalled) {
        throw new IllegalStateException(name + " comes too late to start");
      }
      startTasks.add(new Start(name, task, after, new CompletableFuture<>()));
    }
  }

  /// Adds something to do at shutdown, before everything added earlier.
  ///
  /// @throws IllegalStateException once shutdown has begun: the caller must stop the part itself
  public void onShutdown(String name, StopTask task) {
    synchronized (lock) {
      if (stopping) {
        throw new IllegalStateException(name + " comes too late to be stopped");
      }
      stopTasks.add(new Named<>(name, task));
    }
  }

  /// Adds a check that keeps the program from being ready while it gives a reason, or throws. It is
  /// run each time and must return at once.
  ///
  /// @param check gives a reason fit for anyone who can reach the program
  public void readyUnless(String name, Supplier<Optional<String>> check) {
    checks.add(new Named<>(name, check));
  }

  /// Runs the start-up tasks, each on a virtual thread of its own, and does not wait for them. The
  /// first that fails interrupts the others, those that wait for it included. Does nothing once
  /// shutdown has begun.
  ///
  /// @throws IllegalStateException if called twice
  public void start() {
    synchronized (lock) {
      if (startCalled) {
        throw new IllegalStateException("a lifecycle starts once");
      }
      startCalled = true;
      if (stopping) {
        return;
      }
      unfinished = startTasks.size();
      if (unfinished == 0) {
        started.complete(true);
      }
      for (Start task : startTasks) {
        starting.add(Thread.ofVirtual().name("start " + task.name()).start(() -> run(task)));
      }
    }
  }

  private void run(Start task) {
    Optional<LifecycleException> failure =
        attempt(
            task.name() + " did not start",
            () -> {
              task.after().get();
              task.task().run();
              task.done().complete(true);
            });
    synchronized (lock) {
      unfinished--;
      if (failure.isPresent()) {
        startFailures.add(failure.get());
        starting.forEach(Thread::interrupt);
      }
      if (unfinished == 0) {
        complete(started, true, startFailures);
      }
    }
  }

  /// Whether the program can do its work now: all that starts has started, shutdown has not begun,
  /// and no check gives a reason against it.
  public boolean ready() {
    return unreadyReason().isEmpty();
  }

  /// Why the program cannot do its work now; empty if it can.
  public Optional<String> unreadyReason() {
    if (stopping) {
      return Optional.of("the service is stopping");
    }
    if (started.state() != Future.State.SUCCESS || !started.resultNow()) {
      return Optional.of("the service is starting");
    }
    Optional<String> reason =
        checks.stream().map(Lifecycle::reason).flatMap(Optional::stream).findFirst();
    // Shutdown may have begun during the checks.
    return stopping ? Optional.of("the service is stopping") : reason;
  }

  private static Optional<String> reason(Named<Supplier<Optional<String>>> check) {
    try {
      return check.task().get();
    } catch (RuntimeException e) {
      LOG.atDebug().setCause(e).log("readiness check {} failed", check.name());
      return Optional.of("the check of the %s failed".formatted(check.name()));
    }
  }

  /// Waits until every start-up task has ended, or shutdown begins.
  ///
  /// @return true when all have started, false when shutdown began before
  /// @throws LifecycleException if any failed: the first failure, with the others suppressed
  public boolean waitForStartup() throws InterruptedException {
    try {
      return started.get();
    } catch (ExecutionException e) {
      throw failure(e);
    }
  }

  /// Stops everything, and returns or throws within the timeout. Start-up tasks still running are
  /// interrupted and waited for; then the stop tasks run one by one, the last added first. Each is
  /// told what remains of the timeout, less a small share for each that follows and half of one to
  /// wind up in; once that half has passed too, it is interrupted and left behind. A failure does
  /// not keep the next from running.
  ///
  /// Only the first call does this; later ones wait for it, within their own timeout. It goes on
  /// when a waiting caller is interrupted.
  ///
  /// @throws LifecycleException if anything failed to stop in time: the first failure, with the
  ///   others suppressed; or if another's shutdown takes longer than the timeout
  public void shutdown(Duration timeout) throws InterruptedException {
    boolean first;
    synchronized (lock) {
      first = !stopping;
      stopping = true;
      complete(started, false, startFailures);
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
      throw failure(e);
    } catch (TimeoutException e) {
      throw new LifecycleException("the shutdown under way takes longer", e);
    }
  }

  private void stopAll(Duration timeout, long deadline) {
    List<LifecycleException> failures = new ArrayList<>();
    List<Named<StopTask>> tasks = stopTasks.reversed();
    int following = tasks.size();
    Duration evenShare = timeout.dividedBy(2L * (following + 1));
    Duration share = evenShare.compareTo(SHARE) < 0 ? evenShare : SHARE;
    try {
      starting.forEach(Thread::interrupt);
      for (Thread thread : starting) {
        if (!thread.join(until(deadline, share.multipliedBy(following)))) {
          failures.add(new LifecycleException(thread.getName() + " goes on although interrupted"));
        }
      }
      for (Named<StopTask> task : tasks) {
        following--;
        Duration reserve = share.multipliedBy(following);
        Duration remaining = until(deadline, reserve.plus(share.dividedBy(2)));
        stop(task, remaining, until(deadline, reserve)).ifPresent(failures::add);
      }
    } catch (InterruptedException e) {
      failures.add(new LifecycleException("shutdown was interrupted", e));
    }
    complete(stopped, true, failures);
  }

  private static Duration until(long deadline, Duration reserve) {
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

  private static Optional<LifecycleException> attempt(String otherwise, Task task) {
    try {
      task.run();
      return Optional.empty();
    } catch (Throwable e) {
      String reason = Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
      return Optional.of(new LifecycleException(otherwise + ": " + reason, e));
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

  private static LifecycleException failure(ExecutionException e) {
    return e.getCause() instanceof LifecycleException failure
        ? failure
        : new LifecycleException("the lifecycle is broken", e);
  }
}
