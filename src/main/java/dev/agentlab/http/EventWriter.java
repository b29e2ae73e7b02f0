package dev.agentlab.http;

import dev.agentlab.eventloop.EventLoops;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes server-sent events to one caller as they come: asks for more only as the caller takes
/// them, and speaks up with a comment when there is nothing to say for long. Its fields belong to
/// the event loop of the connection.
final class EventWriter implements Flow.Subscriber<byte[]> {
  private static final Logger LOG = LoggerFactory.getLogger(EventWriter.class);

  /// Parts on their way from the source at most. The source is asked for another with each that was
  /// written, on the same thread if it is an upstream's, so that two keep it going; as those may be
  /// large, more would hold much for each caller that does not read.
  private static final int AHEAD = 2;

  private static final Buffer COMMENT = Buffer.buffer(": keep-alive\n\n");

  /// How an answer of events may end.
  enum End {
    /// All was written.
    WHOLE,
    /// The source failed, which the caller is to see.
    BROKEN,
    CALLER_LEFT
  }

  /// Hears once how it ended, on the event loop.
  @FunctionalInterface
  interface Ended {
    /// Takes how it ended.
    ///
    /// @param bytes that were written
    void ended(End end, long bytes);
  }

  private final Context loop;
  private final HttpServerResponse response;
  private final Duration heartbeat;
  private final Ended listener;

  private Flow.@Nullable Subscription source;
  private long bytes;
  private long lastWritten = System.nanoTime();
  private long timer = -1;

  /// Parts written that the caller has not taken.
  private int owed;

  private boolean over;

  /// @param heartbeat of silence until a comment is written
  EventWriter(Context loop, HttpServerResponse response, Duration heartbeat, Ended listener) {
    this.loop = loop;
    this.response = response;
    this.heartbeat = heartbeat;
    this.listener = listener;
  }

  /// Begins, on the event loop. The head goes out with the first part or after a while, so that a
  /// source that fails at once costs one packet.
  void begin() {
    response.drainHandler(_ -> askAgain());
    timer = loop.owner().setPeriodic(heartbeat.toMillis(), _ -> speakUp());
  }

  /// Says that the caller is gone. On the event loop.
  void cancel() {
    if (!over) {
      Flow.Subscription from = source;
      end(End.CALLER_LEFT);
      if (from != null) {
        from.cancel();
      }
    }
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    EventLoops.on(
        loop,
        () -> {
          source = subscription;
          if (over) {
            subscription.cancel();
          } else {
            subscription.request(AHEAD);
          }
        });
  }

  @Override
  public void onNext(byte[] part) {
    EventLoops.on(
        loop,
        () -> {
          if (!over) {
            write(Buffer.buffer(part));
            owed++;
            if (!response.writeQueueFull()) {
              askAgain();
            }
          }
        });
  }

  @Override
  public void onComplete() {
    EventLoops.on(
        loop,
        () -> {
          if (!over) {
            var _ = response.end();
            end(End.WHOLE);
          }
        });
  }

  @Override
  public void onError(Throwable failure) {
    EventLoops.on(
        loop,
        () -> {
          if (!over) {
            LOG.error("a stream of events broke off", failure);
            end(End.BROKEN);
          }
        });
  }

  private void askAgain() {
    int taken = owed;
    owed = 0;
    Flow.Subscription from = source;
    if (!over && taken > 0 && from != null) {
      from.request(taken);
    }
  }

  private void speakUp() {
    boolean silent = System.nanoTime() - lastWritten >= heartbeat.toNanos();
    if (!over && silent && !response.writeQueueFull()) {
      write(COMMENT.copy());
    }
  }

  private void write(Buffer part) {
    lastWritten = System.nanoTime();
    bytes += part.length();
    var _ = response.write(part);
  }

  private void end(End how) {
    over = true;
    loop.owner().cancelTimer(timer);
    listener.ended(how, bytes);
  }
}
