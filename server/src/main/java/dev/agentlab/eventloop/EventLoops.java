package dev.agentlab.eventloop;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The event loops for network I/O. The HTTP server and the upstream client share them, so that a
/// relayed stream stays on one thread. Only those two packages use Vert.x.
public final class EventLoops {
  /// One per processor, because event loops do little computation. At least two, so that one slow
  /// step does not block every connection.
  private static final int LOOP_COUNT = Math.max(2, Runtime.getRuntime().availableProcessors());

  private static final ScopedValue<EventLoop> CURRENT = ScopedValue.newInstance();

  private final Vertx vertx =
      Vertx.vertx(
          new VertxOptions()
              .setEventLoopPoolSize(LOOP_COUNT)
              .setPreferNativeTransport(false)
              // No cache directory in a shared temporary directory: nothing is served from the
              // class path.
              .setFileSystemOptions(
                  new FileSystemOptions()
                      .setFileCachingEnabled(false)
                      .setClassPathResolvingEnabled(false)));

  /// The Vert.x instance.
  public Vertx vertx() {
    return vertx;
  }

  /// The event loop of the request that the calling thread handles, or any event loop if there is
  /// none. An upstream response is received on the event loop of its request, so that relaying it
  /// needs no thread switch.
  public EventLoop current() {
    if (CURRENT.isBound()) {
      return CURRENT.get();
    }
    return new EventLoop(vertx.getOrCreateContext());
  }

  /// The event loop that the calling thread is.
  ///
  /// @throws IllegalStateException if the thread is no event loop
  public static EventLoop ofCurrentThread() {
    Context context = Vertx.currentContext();
    if (context == null) {
      throw new IllegalStateException("not on an event loop");
    }
    return new EventLoop(context);
  }

  /// Runs a task that has [#current] return this event loop, on another thread.
  public static void callWithCurrent(EventLoop loop, Runnable task) {
    ScopedValue.where(CURRENT, loop).run(task);
  }

  /// The number of event loops.
  public int count() {
    return LOOP_COUNT;
  }

  /// Stops the event loops.
  ///
  /// @throws TimeoutException if they do not stop in time
  public void stop(Duration timeout) throws TimeoutException {
    vertx.close().await(Math.max(1, timeout.toMillis()), TimeUnit.MILLISECONDS);
  }
}
