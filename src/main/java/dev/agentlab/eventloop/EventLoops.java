package dev.agentlab.eventloop;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The threads that move bytes, shared by the HTTP edge and the upstream client so that a relay
/// stays on one of them. Only those two packages may look inside.
public final class EventLoops {
  /// One for each processor, because they compute little; two at least, so that one slow step does
  /// not hold up every connection.
  private static final int COUNT = Math.max(2, Runtime.getRuntime().availableProcessors());

  private static final ScopedValue<Context> HERE = ScopedValue.newInstance();

  private final Vertx vertx =
      Vertx.vertx(
          new VertxOptions()
              .setEventLoopPoolSize(COUNT)
              .setPreferNativeTransport(false)
              // No cache folder in a shared temporary place: nothing is served from the class path.
              .setFileSystemOptions(
                  new FileSystemOptions()
                      .setFileCachingEnabled(false)
                      .setClassPathResolvingEnabled(false)));

  /// The loops themselves.
  public Vertx vertx() {
    return vertx;
  }

  /// The loop of the request that the calling thread handles; any, if it handles none. What a
  /// request asks of an upstream comes in on the request's own loop, so that a relay changes no
  /// thread.
  public Context here() {
    return HERE.isBound() ? HERE.get() : vertx.getOrCreateContext();
  }

  /// Runs something for a request that a loop received.
  public static void at(Context loop, Runnable handling) {
    ScopedValue.where(HERE, loop).run(handling);
  }

  /// Does something on a loop: at once if the calling thread is there already.
  public static void on(Context loop, Runnable action) {
    if (loop.equals(Vertx.currentContext())) {
      action.run();
    } else {
      loop.runOnContext(_ -> action.run());
    }
  }

  /// How many there are.
  public int count() {
    return COUNT;
  }

  /// Ends the threads.
  ///
  /// @throws TimeoutException if they have not ended in time
  public void stop(Duration within) throws TimeoutException {
    vertx.close().await(Math.max(1, within.toMillis()), TimeUnit.MILLISECONDS);
  }
}
