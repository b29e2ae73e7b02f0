package dev.agentlab.http;

import dev.agentlab.eventloop.EventLoop;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A request body that is received on demand. Its fields are confined to the event loop of the
/// connection.
final class ReceivedBody implements BodyStream, Flow.Subscription {
  private final EventLoop loop;
  private final HttpServerRequest request;
  private final RequestHead head;
  private final ConnectionMonitor connection;
  private final long maxBytes;
  private final Consumer<Failure> rejector;

  private Flow.@Nullable Subscriber<? super byte[]> subscriber;

  /// Number of parts that the subscriber has requested and not received.
  private long demand;

  private long received;

  /// Start of the time in which the client has to send a part, in the time of [System#nanoTime].
  private long awaitedSince;

  /// Whether the client has sent all of the body.
  private boolean ended;

  /// Whether the subscriber receives no more signals, and what still arrives is discarded.
  private boolean terminated;

  /// Why the body is rejected.
  enum Failure {
    TOO_LARGE,
    MALFORMED
  }

  /// Pauses the request. Must be called before any part of the body is lost.
  ///
  /// @param rejector rejects the request and calls [#fail]
  ReceivedBody(
      EventLoop loop,
      HttpServerRequest request,
      RequestHead head,
      ConnectionMonitor connection,
      long maxBytes,
      Consumer<Failure> rejector) {
    this.loop = loop;
    this.request = request;
    this.head = head;
    this.connection = connection;
    this.maxBytes = maxBytes;
    this.rejector = rejector;
    ended = !head.hasBody();
    if (!ended) {
      request
          .pause()
          .handler(this::onChunk)
          .endHandler(_ -> onEnd())
          .exceptionHandler(_ -> reject(Failure.MALFORMED));
    }
  }

  @Override
  public OptionalLong length() {
    if (!head.hasBody()) {
      return OptionalLong.of(0);
    }
    long length = head.contentLength();
    return length > 0 ? OptionalLong.of(length) : OptionalLong.empty();
  }

  @Override
  public void subscribe(Flow.Subscriber<? super byte[]> newSubscriber) {
    loop.execute(() -> {
      if (subscriber != null) {
        throw new IllegalStateException("the body already has a subscriber");
      }
      subscriber = newSubscriber;
      newSubscriber.onSubscribe(this);
      if (ended) {
        onEnd();
      } else if (head.expectsContinue() && !terminated) {
        request.response().writeContinue();
      }
    });
  }

  @Override
  public void request(long parts) {
    loop.execute(() -> {
      if (demand == 0) {
        awaitedSince = System.nanoTime();
      }
      demand += parts;
      if (!ended && !terminated) {
        request.fetch(parts);
      }
    });
  }

  @Override
  public void cancel() {
    loop.execute(this::discard);
  }

  private void onChunk(Buffer chunk) {
    Flow.Subscriber<? super byte[]> to = subscriber;
    if (terminated || to == null) {
      return;
    }
    received += chunk.length();
    if (received > maxBytes) {
      reject(Failure.TOO_LARGE);
      return;
    }
    demand--;
    awaitedSince = System.nanoTime();
    to.onNext(chunk.getBytes());
  }

  private void onEnd() {
    ended = true;
    Flow.Subscriber<? super byte[]> to = subscriber;
    if (!terminated && to != null) {
      terminated = true;
      to.onComplete();
    }
  }

  private void reject(Failure failure) {
    if (!ended && !terminated) {
      rejector.accept(failure);
    }
  }

  /// Whether the client has not sent all of the body yet.
  boolean isIncomplete() {
    return !ended && connection.isReceiving();
  }

  /// Whether the client has sent nothing for the timeout, although a part is requested.
  boolean isStalled(Duration timeout) {
    return !ended
        && !terminated
        && demand > 0
        && System.nanoTime() - awaitedSince >= timeout.toNanos();
  }

  /// Ends the body early.
  void fail(Throwable failure) {
    if (ended || terminated) {
      return;
    }
    discard();
    Flow.Subscriber<? super byte[]> to = subscriber;
    if (to != null) {
      to.onError(failure);
    }
  }

  /// Discards what still arrives, and closes the connection after the response if that is not all.
  void discard() {
    if (!terminated) {
      terminated = true;
      if (!ended) {
        // A connection whose request is paused when the response is written reads no further.
        request.resume();
        connection.closeUnlessReceived();
      }
    }
  }

  /// Discards the body if nothing reads it.
  void discardUnlessSubscribed() {
    if (subscriber == null) {
      discard();
    }
  }
}
