package dev.agentlab.http;

import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.eventloop.LastPartSubscriber;
import dev.agentlab.memory.MemoryBudget;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes the body of one response with back-pressure: requests further parts from the source only
/// as the socket accepts them, and reserves memory for queued parts. Keeps an idle stream of
/// server-sent events alive.
///
/// Its fields are confined to the event loop of the connection. The source signals from one thread:
/// a signal from the event loop is handled at once, before an earlier one from another thread.
final class BodyWriter implements LastPartSubscriber {
  private static final Logger LOG = LoggerFactory.getLogger(BodyWriter.class);

  /// The maximum size of one write to the socket. The socket copies the bytes to off-heap memory,
  /// of which a slow reader must not occupy much.
  static final int MAX_WRITE_BYTES = 64 << 10;

  /// The maximum number of requested parts that are not yet written. Another part is requested with
  /// each one written, on the same thread if the source is an upstream, so two keep the stream
  /// flowing. Parts may be large, so more would occupy much memory for each stalled reader.
  private static final int MAX_REQUESTED_PARTS = 2;

  /// How the body ended.
  enum End {
    /// All parts were written.
    COMPLETE,
    /// The source failed. The connection is closed, so that the caller notices.
    FAILED,
    /// The client disconnected.
    CANCELLED
  }

  /// A listener for the end of the body.
  @FunctionalInterface
  interface EndListener {
    /// Called once, on the event loop, when the body has ended.
    ///
    /// @param bytes the number of bytes written
    void onEnd(End end, long bytes);
  }

  private final EventLoop loop;
  private final HttpServerResponse response;
  private final MemoryBudget.Reservation memory;
  private final EndListener listener;

  private Flow.@Nullable Subscription source;

  /// Parts that the socket has not accepted yet. The first is written up to [#offset].
  private final ArrayDeque<byte[]> queue = new ArrayDeque<>(MAX_REQUESTED_PARTS);

  private int offset;

  /// The number of parts written since the last request to the source.
  private int partsWritten;

  /// Whether the source has completed.
  private boolean complete;

  /// Called when the last part is written.
  private Runnable lastWriteTime = () -> {};

  private long bytesWritten;
  private long lastWriteAt = System.nanoTime();
  private long keepAliveTimer = -1;

  /// Whether the source reports its failures in its last part, so that a signal of failure is a
  /// defect.
  private boolean isEventStream;

  private boolean started;
  private boolean ended;

  /// @param memory the reservation for queued parts; closed when the body ends
  BodyWriter(
      EventLoop loop,
      HttpServerResponse response,
      MemoryBudget.Reservation memory,
      EndListener listener) {
    this.loop = loop;
    this.response = response;
    this.memory = memory;
    this.listener = listener;
  }

  /// Starts writing. Must run on the event loop. A source that subscribes before the start is
  /// cancelled, because the client has disconnected. The head is sent with the first part or the
  /// first keep-alive comment, so that a source that fails at once costs one packet.
  ///
  /// @param keepAlive empty for a body that is not an event stream
  void start(Optional<KeepAlive> keepAlive) {
    started = true;
    isEventStream = keepAlive.isPresent();
    response.drainHandler(_ -> write());
    keepAlive.ifPresent(it ->
        keepAliveTimer =
            loop.context().owner().setPeriodic(it.interval().toMillis(), _ -> keepAlive(it)));
  }

  /// What an idle event stream sends.
  ///
  /// @param interval the idle time after which it is sent
  record KeepAlive(Duration interval, String event) {}

  /// Ends the body because the client disconnected. Must run on the event loop.
  void cancel() {
    if (!ended) {
      ended = true;
      Flow.Subscription from = source;
      try {
        // Before end(): the source may add fields to the log line when it is cancelled.
        if (from != null) {
          from.cancel();
        }
      } finally {
        end(End.CANCELLED);
      }
    }
  }

  /// Ends the body early, so that the client notices: cancels the source and discards queued parts.
  /// Must run on the event loop.
  void abort() {
    if (!ended) {
      ended = true;
      Flow.Subscription from = source;
      if (from != null) {
        from.cancel();
      }
      end(End.FAILED);
    }
  }

  /// Ends the body early: cancels the source, then writes the queued parts and a last part. Must
  /// run on the event loop.
  void finish(byte[] lastPart) {
    if (ended || complete) {
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

  /// Writes a complete body. Must run on the event loop.
  void writeComplete(byte[] body) {
    add(body);
    complete = true;
    write();
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    loop.execute(() -> {
      source = subscription;
      if (ended || complete) {
        subscription.cancel();
      } else if (!started) {
        cancel();
      } else {
        subscription.request(MAX_REQUESTED_PARTS);
      }
    });
  }

  @Override
  public void onNext(byte[] part) {
    loop.execute(() -> {
      if (!ended && !complete) {
        add(part);
        write();
      }
    });
  }

  @Override
  public void onLast(byte[] part, Runnable written) {
    loop.execute(() -> {
      if (!ended && !complete) {
        complete = true;
        lastWriteTime = written;
        add(part);
        write();
      }
    });
  }

  @Override
  public void onComplete() {
    loop.execute(() -> {
      complete = true;
      write();
    });
  }

  @Override
  public void onError(Throwable failure) {
    loop.execute(() -> {
      if (!ended && !complete) {
        if (isEventStream) {
          LOG.error("event stream failed", failure);
        } else {
          LOG.debug("stream failed", failure);
        }
        end(End.FAILED);
      }
    });
  }

  private void add(byte[] part) {
    memory.grow(part.length);
    queue.add(part);
  }

  /// Writes queued parts until the write queue of the socket is full.
  private void write() {
    while (!ended && !queue.isEmpty() && !response.writeQueueFull()) {
      byte[] part = queue.element();
      int length = Math.min(MAX_WRITE_BYTES, part.length - offset);
      Buffer slice = Buffer.buffer(length).appendBytes(part, offset, length);
      offset += length;
      if (offset == part.length) {
        queue.remove();
        offset = 0;
        partsWritten++;
        memory.shrink(part.length);
      }
      if (length > 0) {
        write(slice);
      }
    }
    if (ended || !queue.isEmpty()) {
      return;
    }
    if (complete) {
      var _ = response.end();
      try {
        // Before the end, whose log line may have fields that the source then adds.
        lastWriteTime.run();
      } finally {
        end(End.COMPLETE);
      }
    } else if (!response.writeQueueFull()) {
      requestMore();
    }
  }

  private void requestMore() {
    int parts = partsWritten;
    partsWritten = 0;
    Flow.Subscription from = source;
    if (parts > 0 && from != null) {
      from.request(parts);
    }
  }

  private void keepAlive(KeepAlive keepAlive) {
    boolean idle = System.nanoTime() - lastWriteAt >= keepAlive.interval().toNanos();
    if (!ended && idle && queue.isEmpty() && !response.writeQueueFull()) {
      write(Buffer.buffer(keepAlive.event()));
    }
  }

  private void write(Buffer part) {
    lastWriteAt = System.nanoTime();
    bytesWritten += part.length();
    var _ = response.write(part);
  }

  private void end(End end) {
    ended = true;
    queue.clear();
    memory.close();
    loop.context().owner().cancelTimer(keepAliveTimer);
    listener.onEnd(end, bytesWritten);
  }
}
