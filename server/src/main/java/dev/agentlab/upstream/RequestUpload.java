package dev.agentlab.upstream;

import dev.agentlab.eventloop.EventLoop;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// Sends the streamed body of one request, with back-pressure. Survives the replacement of a stale
/// connection until it has sent a part. Its fields are confined to the event loop of the call.
final class RequestUpload implements Flow.Subscriber<byte[]> {
  private final EventLoop loop;
  private final Flow.Publisher<byte[]> source;
  private final Listener listener;

  private Flow.@Nullable Subscription subscription;
  private @Nullable HttpClientRequest target;

  /// A part that was received while no connection could take it.
  private byte @Nullable [] pending;

  /// Whether the source has been asked for a part, and the part has not been received.
  private boolean requested;

  private boolean started;
  private boolean sourceEnded;

  /// Whether the body is sent completely, or no longer sent.
  private boolean ended;

  /// A listener for the progress of the upload, called on the event loop.
  interface Listener {
    /// Called when a part or the end of the body is sent.
    void onProgress();

    /// Called if the source fails.
    void onFailure(Throwable failure);
  }

  RequestUpload(EventLoop loop, Flow.Publisher<byte[]> source, Listener listener) {
    this.loop = loop;
    this.source = source;
    this.listener = listener;
  }

  /// Sends the body on a connection, from its start.
  void sendTo(HttpClientRequest request) {
    target = request;
    request.drainHandler(_ -> proceed());
    if (subscription == null) {
      source.subscribe(this);
    } else {
      proceed();
    }
  }

  /// Whether no part has been sent, so that the request can be repeated.
  boolean isRepeatable() {
    return !started;
  }

  /// Whether the next part has to come from the source, and not the upstream is slow.
  boolean isAwaitingSource() {
    return requested && !ended;
  }

  boolean isEnded() {
    return ended;
  }

  /// Stops sending.
  void cancel() {
    if (!ended) {
      ended = true;
      pending = null;
      Flow.Subscription current = subscription;
      if (current != null) {
        current.cancel();
      }
    }
  }

  @Override
  public void onSubscribe(Flow.Subscription newSubscription) {
    loop.execute(() -> {
      subscription = newSubscription;
      if (ended) {
        newSubscription.cancel();
      } else {
        proceed();
      }
    });
  }

  @Override
  public void onNext(byte[] part) {
    loop.execute(() -> {
      requested = false;
      if (!ended) {
        pending = part;
        proceed();
      }
    });
  }

  @Override
  public void onError(Throwable failure) {
    loop.execute(() -> {
      requested = false;
      if (!ended) {
        ended = true;
        listener.onFailure(failure);
      }
    });
  }

  @Override
  public void onComplete() {
    loop.execute(() -> {
      requested = false;
      sourceEnded = true;
      proceed();
    });
  }

  private void proceed() {
    HttpClientRequest to = target;
    Flow.Subscription from = subscription;
    if (ended || to == null || from == null || to.writeQueueFull()) {
      return;
    }
    byte[] part = pending;
    if (part != null) {
      pending = null;
      started = true;
      var _ = to.write(Buffer.buffer(part));
      listener.onProgress();
    }
    if (sourceEnded) {
      ended = true;
      started = true;
      var _ = to.end();
      listener.onProgress();
    } else if (!requested && !to.writeQueueFull()) {
      requested = true;
      from.request(1);
    }
  }
}
