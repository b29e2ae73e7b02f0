package dev.agentlab.upstream;

import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.upstream.UpstreamException.Kind;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.concurrent.Flow;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// The body of one answer on its way to one subscriber, no faster than that takes it. Its fields
/// belong to the event loop of the call.
final class UpstreamBody implements Flow.Publisher<byte[]>, UpstreamStream.Subscription {
  /// Bytes of a part at most, so that a subscriber knows what the parts it asks for may hold; and
  /// from so many on nothing more is taken in.
  private static final int LARGEST_PART = 64 << 10;

  /// How long an upstream has for the end of a body of which nothing more is wanted.
  private static final Duration LAST_MOMENT = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final Context loop;
  private final HttpClientResponse response;
  private final UpstreamLimits limits;
  private final long began;
  private final BiFunction<Kind, @Nullable Throwable, UpstreamException> failures;

  private Flow.@Nullable Subscriber<? super byte[]> subscriber;

  /// Parts the subscriber waits for.
  private long demand;

  /// What came and has not been passed on.
  private @Nullable Buffer pending;

  /// Whether what is pending is about to be passed on.
  private boolean scheduled;

  /// Whether it is being passed on.
  private boolean passingOn;

  /// Whether more is taken in.
  private boolean flowing;

  /// Since when it waits, in the time of [System#nanoTime].
  private long waitingSince = System.nanoTime();

  private boolean begun;

  /// Whether the upstream has nothing more to send.
  private boolean ended;

  /// Why it ended, or is about to end.
  private @Nullable UpstreamException failure;

  /// Whether the subscriber has nothing more to hear.
  private boolean over;

  private long timer = -1;

  /// Takes the body over, on the event loop, before any of it is lost.
  ///
  /// @param began when the call began, in the time of [System#nanoTime]
  /// @param failures makes what the subscriber is told
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
    response.pause();
    response.handler(this::received);
    response.endHandler(_ -> ended(null));
    response.exceptionHandler(e -> broke(failures.apply(FailureCauses.reading(e), e)));
    watch();
  }

  @Override
  public void subscribe(Flow.Subscriber<? super byte[]> to) {
    EventLoops.on(
        loop,
        () -> {
          if (subscriber != null) {
            throw new IllegalStateException("the body has a subscriber");
          }
          subscriber = to;
          to.onSubscribe(this);
          tellTheEnd();
        });
  }

  @Override
  public void request(long parts) {
    EventLoops.on(
        loop,
        () -> {
          if (demand == 0) {
            waitingSince = System.nanoTime();
          }
          demand += parts;
          passOn();
        });
  }

  @Override
  public void cancel() {
    leave(() -> response.request().reset());
  }

  @Override
  public void release() {
    leave(() -> {
      timer = vertx.setTimer(LAST_MOMENT.toMillis(), _ -> response.request().reset());
      response.resume();
    });
  }

  /// Takes no more of the body.
  ///
  /// @param rest what becomes of what is still to come
  private void leave(Runnable rest) {
    EventLoops.on(
        loop,
        () -> {
          if (!over) {
            finish();
            if (!ended) {
              rest.run();
            }
          }
        });
  }

  /// What comes in one go is passed on in one go: a write for each chunk would cost more than all
  /// else that is done with it.
  private void received(Buffer part) {
    if (over) {
      return;
    }
    begun = true;
    waitingSince = System.nanoTime();
    pending = pending == null ? part.copy() : pending.appendBuffer(part);
    holdBack();
    if (!scheduled) {
      scheduled = true;
      loop.runOnContext(_ -> {
        scheduled = false;
        passOn();
      });
    }
  }

  private void passOn() {
    Flow.Subscriber<? super byte[]> to = subscriber;
    if (passingOn || to == null) {
      return;
    }
    passingOn = true;
    try {
      while (!over && pending != null && demand > 0) {
        demand--;
        to.onNext(part(pending));
      }
    } finally {
      passingOn = false;
    }
    holdBack();
    tellTheEnd();
  }

  /// Takes a part off what is pending.
  private byte[] part(Buffer from) {
    if (from.length() <= LARGEST_PART) {
      pending = null;
      return from.getBytes();
    }
    pending = from.getBuffer(LARGEST_PART, from.length());
    return from.getBytes(0, LARGEST_PART);
  }

  /// Takes in no more than is asked for.
  private void holdBack() {
    boolean room = pending == null || pending.length() < LARGEST_PART;
    boolean flow = demand > 0 && room;
    if (over || ended || failure != null || flow == flowing) {
      return;
    }
    flowing = flow;
    if (flow) {
      response.resume();
    } else {
      response.pause();
    }
  }

  /// The word of a break overtakes what came before it and was held back, which is fetched before
  /// the end: it is no more than what is held back of any body.
  private void broke(UpstreamException why) {
    if (!ended && failure == null) {
      failure = why;
      response.resume();
      loop.runOnContext(_ -> ended(why));
    }
  }

  private void ended(@Nullable UpstreamException why) {
    if (!ended) {
      ended = true;
      failure = why;
      vertx.cancelTimer(timer);
      tellTheEnd();
    }
  }

  private void tellTheEnd() {
    Flow.Subscriber<? super byte[]> to = subscriber;
    if (!ended || pending != null || over || to == null) {
      return;
    }
    finish();
    UpstreamException why = failure;
    if (why == null) {
      to.onComplete();
    } else {
      to.onError(why);
    }
  }

  private void finish() {
    over = true;
    pending = null;
    vertx.cancelTimer(timer);
  }

  /// Looks whether a limit is passed, now and again. A subscriber that asks for nothing is not the
  /// upstream's fault.
  private void watch() {
    long now = System.nanoTime();
    long left = began + limits.total().toNanos() - now;
    if (!begun) {
      left = Math.min(left, began + limits.firstByte().toNanos() - now);
    } else if (demand > 0) {
      left = Math.min(left, waitingSince + limits.idle().toNanos() - now);
    }
    if (left <= 0) {
      ended(failures.apply(Kind.TIMEOUT, null));
      response.request().reset();
      return;
    }
    // No later than the shortest of them, as which of them counts may change until then.
    long next = Math.min(left, limits.idle().toNanos());
    timer =
        vertx.setTimer(
            Duration.ofNanos(next).toMillis() + 1,
            _ -> {
              if (!over && !ended) {
                watch();
              }
            });
  }
}
