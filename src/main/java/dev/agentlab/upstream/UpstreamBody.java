package dev.agentlab.upstream;

import dev.agentlab.upstream.UpstreamException.Kind;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// The body of one answer on its way to one subscriber, no faster than that takes it. Its fields
/// belong to the event loop of the call.
final class UpstreamBody implements Flow.Publisher<byte[]>, Flow.Subscription {
  private final Vertx vertx;
  private final Context loop;
  private final HttpClientResponse response;
  private final UpstreamLimits limits;

  /// When the call began, in the time of [System#nanoTime].
  private final long began;

  private final BiFunction<Kind, @Nullable Throwable, UpstreamException> failures;

  /// Done with the first bytes or an end without any; failed if the upstream broke off before.
  private final CompletableFuture<Void> begun = new CompletableFuture<>();

  private Flow.@Nullable Subscriber<? super byte[]> subscriber;
  private byte @Nullable [] held;
  private boolean ended;
  private @Nullable UpstreamException failure;
  private boolean over;
  private long demand;

  /// Parts asked of the upstream for which the subscriber has not asked yet: the first is.
  private long ahead = 1;

  /// When the upstream last owed a part and had not sent it.
  private long waitingSince = System.nanoTime();

  private long timer = -1;

  /// @param response paused
  UpstreamBody(
      Vertx vertx,
      Context loop,
      HttpClientResponse response,
      UpstreamLimits limits,
      long began,
      BiFunction<Kind, @Nullable Throwable, UpstreamException> failures) {
    this.vertx = vertx;
    this.loop = loop;
    this.response = response;
    this.limits = limits;
    this.began = began;
    this.failures = failures;
  }

  /// Begins to receive. Called on the event loop.
  void receive() {
    response.handler(this::received);
    response.endHandler(_ -> ended(null));
    response.exceptionHandler(e -> ended(failures.apply(Causes.reading(e), e)));
    response.fetch(1);
  }

  CompletableFuture<Void> begun() {
    return begun;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super byte[]> to) {
    onLoop(() -> {
      if (subscriber != null) {
        throw new IllegalStateException("the body has a subscriber");
      }
      subscriber = to;
      waitingSince = System.nanoTime();
      watch();
      to.onSubscribe(this);
      tell();
    });
  }

  @Override
  public void request(long parts) {
    onLoop(() -> {
      if (demand == 0) {
        waitingSince = System.nanoTime();
      }
      demand += parts;
      long more = parts - ahead;
      ahead = Math.max(0, -more);
      if (more > 0 && !ended) {
        response.fetch(more);
      }
      tell();
    });
  }

  @Override
  public void cancel() {
    onLoop(this::abandon);
  }

  private void abandon() {
    if (!over) {
      finish();
      if (!ended) {
        response.request().reset();
      }
    }
  }

  private void received(Buffer part) {
    waitingSince = System.nanoTime();
    held = part.getBytes();
    tell();
    begun.complete(null);
  }

  private void ended(@Nullable UpstreamException why) {
    if (ended) {
      return;
    }
    ended = true;
    failure = why;
    tell();
    if (why == null) {
      begun.complete(null);
    } else {
      begun.completeExceptionally(why);
    }
  }

  private void tell() {
    Flow.Subscriber<? super byte[]> to = subscriber;
    if (over || to == null) {
      return;
    }
    byte[] part = held;
    if (part != null && demand > 0) {
      demand--;
      held = null;
      to.onNext(part);
      // Meanwhile the subscriber may have asked for more, or cancelled.
      if (over) {
        return;
      }
    }
    if (ended && held == null) {
      finish();
      UpstreamException why = failure;
      if (why == null) {
        to.onComplete();
      } else {
        to.onError(why);
      }
    }
  }

  private void finish() {
    over = true;
    held = null;
    vertx.cancelTimer(timer);
  }

  /// Looks again when the nearest limit would be passed, unless parts come before.
  private void watch() {
    long now = System.nanoTime();
    long left = began + limits.total().toNanos() - now;
    if (!begun.isDone()) {
      left = Math.min(left, began + limits.firstByte().toNanos() - now);
    } else if (demand > 0) {
      left = Math.min(left, waitingSince + limits.idle().toNanos() - now);
    } else {
      left = Math.min(left, limits.idle().toNanos());
    }
    if (left <= 0) {
      ended(failures.apply(Kind.TIMEOUT, null));
      response.request().reset();
      return;
    }
    timer =
        vertx.setTimer(
            Duration.ofNanos(left).toMillis() + 1,
            _ -> {
              if (!over && !ended) {
                watch();
              }
            });
  }

  private void onLoop(Runnable action) {
    if (loop.equals(Vertx.currentContext())) {
      action.run();
    } else {
      loop.runOnContext(_ -> action.run());
    }
  }
}
