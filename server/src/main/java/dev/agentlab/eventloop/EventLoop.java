package dev.agentlab.eventloop;

import io.vertx.core.Context;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// One event loop: a thread that does network I/O for many connections, so its tasks must not
/// block. Two instances are equal if they are the same thread.
public final class EventLoop implements Executor {
  /// The size of a text up to which it is parsed or translated on an event loop. That of a larger
  /// one takes longer than an event loop should be blocked, so it is passed to [#offload], as
  /// [#compute] does.
  public static final int MAX_INLINE_BYTES = 64 << 10;

  private final ContextInternal context;

  EventLoop(Context context) {
    this.context = (ContextInternal) context;
  }

  /// The Vert.x context, for the packages that do network I/O.
  public Context context() {
    return context;
  }

  /// Whether the calling thread is this event loop.
  public boolean isCurrent() {
    return context.nettyEventLoop().inEventLoop();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EventLoop that
        && context.nettyEventLoop().equals(that.context.nettyEventLoop());
  }

  @Override
  public int hashCode() {
    return context.nettyEventLoop().hashCode();
  }

  /// Runs a task on the event loop: immediately if the calling thread is that event loop.
  @Override
  public void execute(Runnable task) {
    if (isCurrent()) {
      task.run();
    } else {
      enqueue(task);
    }
  }

  /// Runs a task on the event loop after what it is doing now.
  public void enqueue(Runnable task) {
    context.runOnContext(_ -> task.run());
  }

  /// Runs a task on the event loop after a delay. Must be called on the event loop.
  ///
  /// Uses the timers of Netty, because those of Vert.x cost more and every call of a model has one.
  public Timer schedule(Duration delay, Runnable task) {
    Future<?> scheduled =
        context
            .nettyEventLoop()
            .schedule(() -> context.emit(_ -> task.run()), delay.toNanos(), TimeUnit.NANOSECONDS);
    return () -> scheduled.cancel(false);
  }

  /// A task that is scheduled to run later.
  @FunctionalInterface
  public interface Timer {
    /// No task.
    Timer NONE = () -> {};

    /// Prevents the task from running, if it has not run yet.
    void cancel();
  }

  /// Computes a value from a text: at once if it is small, otherwise on a virtual thread. Must be
  /// called on the event loop.
  ///
  /// @param bytes the size of the text
  /// @return completed on the event loop
  public <T> CompletableFuture<T> compute(int bytes, Supplier<T> computation) {
    if (bytes > MAX_INLINE_BYTES) {
      return offload(computation);
    }
    try {
      return CompletableFuture.completedFuture(computation.get());
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /// Computes a value on a virtual thread, because the computation blocks or takes long.
  ///
  /// @return completed on the event loop
  public <T> CompletableFuture<T> offload(Supplier<T> computation) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("offloaded")
        .inheritInheritableThreadLocals(false)
        .start(() ->
            EventLoops.callWithCurrent(
                this,
                () -> {
                  try {
                    T value = computation.get();
                    enqueue(() -> result.complete(value));
                  } catch (Throwable e) {
                    enqueue(() -> result.completeExceptionally(e));
                  }
                }));
    return result;
  }
}
