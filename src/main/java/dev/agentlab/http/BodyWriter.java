package dev.agentlab.http;

import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.memory.MemoryBudget;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes the body of one response as its reader takes it: requests further parts from their source
/// only then, and counts the parts that wait in the memory budget. A stream of server-sent events
/// that is silent for long gets a comment as keep-alive.
///
/// Its fields belong to the event loop of the connection.
final class BodyWriter implements Flow.Subscriber<byte[]> {
  private static final Logger LOG = LoggerFactory.getLogger(BodyWriter.class);

  /// Bytes that are passed to the socket at a time. The socket copies them to memory outside the
  /// heap, where a slow reader must not hold much.
  static final int MAX_WRITE_BYTES = 64 << 10;

  /// Parts that may be on their way from the source. It is asked for another with each that was
  /// written, on the same thread if it is an upstream's, so that two keep it going; as parts may be
  /// large, more would hold much memory for each reader that does not read.
  private static final int MAX_REQUESTED_PARTS = 2;

  private static final Buffer COMMENT = Buffer.buffer(": keep-alive\n\n");

  /// How a body may end.
  enum End {
    /// All was written.
    WHOLE,
    /// The source failed, which the caller is to see.
    BROKEN,
    CALLER_LEFT
  }

  /// Is called once, on the event loop, when the body has ended.
  @FunctionalInterface
  interface Ended {
    /// Takes how it ended.
    ///
    /// @param bytes that were written
    void ended(End end, long bytes);
  }

  private final Context loop;
  private final HttpServerResponse response;
  private final MemoryBudget.Reservation memory;
  private final Ended listener;

  private Flow.@Nullable Subscription source;

  /// Parts that the socket has no room for, the first of them from [#offset].
  private final ArrayDeque<byte[]> waiting = new ArrayDeque<>(MAX_REQUESTED_PARTS);

  private int offset;

  /// Parts that were written since the source was last asked for more.
  private int written;

  /// Whether the source has no more parts.
  private boolean complete;

  private long bytes;
  private long lastWritten = System.nanoTime();
  private long timer = -1;
  private boolean begun;
  private boolean over;

  /// @param memory counts the parts that wait; closed at the end
  BodyWriter(
      Context loop, HttpServerResponse response, MemoryBudget.Reservation memory, Ended listener) {
    this.loop = loop;
    this.response = response;
    this.memory = memory;
    this.listener = listener;
  }

  /// Begins, on the event loop. A source that subscribes to a body that has not begun is cancelled,
  /// because the caller has left. The head goes out with the first part or after a while, so that a
  /// source that fails at once costs one packet.
  ///
  /// @param heartbeat of silence until a comment is written; empty for a body that takes none
  void begin(Optional<Duration> heartbeat) {
    begun = true;
    response.drainHandler(_ -> write());
    heartbeat.ifPresent(
        silence -> timer = loop.owner().setPeriodic(silence.toMillis(), _ -> keepAlive(silence)));
  }

  /// Ends the body, because the caller left. On the event loop.
  void cancel() {
    if (!over) {
      over = true;
      Flow.Subscription from = source;
      try {
        // Before the end, whose log line may have fields that the source adds when it is cancelled.
        if (from != null) {
          from.cancel();
        }
      } finally {
        end(End.CALLER_LEFT);
      }
    }
  }

  /// Ends the body early: cancels the source, and writes what waits and then a last part. On the
  /// event loop.
  void finish(byte[] lastPart) {
    if (over || complete) {
      return;
    }
    complete = true;
    add(lastPart);
    Flow.Subscription from = source;
    if (from != null) {
      from.cancel();
    }
    write();
  }

  /// Writes a body that is there as a whole. On the event loop.
  void writeWhole(byte[] body) {
    add(body);
    complete = true;
    write();
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    EventLoops.on(
        loop,
        () -> {
          source = subscription;
          if (over || complete) {
            subscription.cancel();
          } else if (!begun) {
            cancel();
          } else {
            subscription.request(MAX_REQUESTED_PARTS);
          }
        });
  }

  // What the source signals goes to the end of the event loop's queue, even on the event loop's own
  // thread: an earlier part, from another thread, may still wait there.

  @Override
  public void onNext(byte[] part) {
    loop.runOnContext(_ -> {
      if (!over && !complete) {
        add(part);
        write();
      }
    });
  }

  @Override
  public void onComplete() {
    loop.runOnContext(_ -> {
      complete = true;
      write();
    });
  }

  @Override
  public void onError(Throwable failure) {
    loop.runOnContext(_ -> {
      if (!over && !complete) {
        LOG.error("a stream of events broke off", failure);
        end(End.BROKEN);
      }
    });
  }

  private void add(byte[] part) {
    memory.grow(part.length);
    waiting.add(part);
  }

  /// Writes what waits as far as the socket has room for it.
  private void write() {
    while (!over && !waiting.isEmpty() && !response.writeQueueFull()) {
      byte[] part = waiting.element();
      int length = Math.min(MAX_WRITE_BYTES, part.length - offset);
      Buffer slice = Buffer.buffer(length).appendBytes(part, offset, length);
      offset += length;
      if (offset == part.length) {
        waiting.remove();
        offset = 0;
        written++;
        memory.shrink(part.length);
      }
      if (length > 0) {
        write(slice);
      }
    }
    if (over || !waiting.isEmpty()) {
      return;
    }
    if (complete) {
      var _ = response.end();
      end(End.WHOLE);
    } else if (!response.writeQueueFull()) {
      requestWritten();
    }
  }

  private void requestWritten() {
    int parts = written;
    written = 0;
    Flow.Subscription from = source;
    if (parts > 0 && from != null) {
      from.request(parts);
    }
  }

  private void keepAlive(Duration silence) {
    boolean silent = System.nanoTime() - lastWritten >= silence.toNanos();
    if (!over && silent && waiting.isEmpty() && !response.writeQueueFull()) {
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
    waiting.clear();
    memory.close();
    loop.owner().cancelTimer(timer);
    listener.ended(how, bytes);
  }
}
