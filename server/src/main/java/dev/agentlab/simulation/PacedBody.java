package dev.agentlab.simulation;

import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.simulation.SimulatedResponse.Part;
import dev.agentlab.upstream.UpstreamException.Kind;
import dev.agentlab.upstream.UpstreamLimits;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// The body of a stream, for one subscriber. Emits each part when it is due and requested, on the
/// event loop of the call.
final class PacedBody implements Flow.Publisher<byte[]>, Flow.Subscription {
  private final EventLoop loop;
  private final SimulatedCall call;
  private final Iterator<Part> parts;
  private final boolean truncated;

  private Flow.@Nullable Subscriber<? super byte[]> subscriber;

  /// The next part, until it is emitted.
  private @Nullable Part next;

  private long demand;
  private boolean started;

  /// The end of the current wait for the next part, relative to the start of the call.
  private Duration deadline;

  private EventLoop.Timer timer = EventLoop.Timer.NONE;
  private boolean emitting;
  private boolean ended;

  PacedBody(EventLoop loop, SimulatedCall call, SimulatedResponse.Stream stream) {
    this.loop = loop;
    this.call = call;
    this.parts = stream.parts().iterator();
    this.truncated = stream.truncated();
    this.deadline = call.limits().totalTimeout();
  }

  @Override
  public void subscribe(Flow.Subscriber<? super byte[]> newSubscriber) {
    loop.execute(() -> {
      if (subscriber != null) {
        throw new IllegalStateException("the body already has a subscriber");
      }
      subscriber = newSubscriber;
      newSubscriber.onSubscribe(this);
      emit();
    });
  }

  @Override
  public void request(long count) {
    loop.execute(() -> {
      boolean starts = demand == 0;
      // Saturates on overflow.
      demand = demand + count < 0 ? Long.MAX_VALUE : demand + count;
      if (starts) {
        startWait();
      }
      emit();
    });
  }

  @Override
  public void cancel() {
    loop.execute(this::end);
  }

  /// Starts the wait for a part. Without demand, only the end of the call bounds it.
  private void startWait() {
    UpstreamLimits limits = call.limits();
    Duration limit =
        started ? call.elapsed().plus(limits.idleTimeout()) : limits.firstByteTimeout();
    deadline = demand > 0 ? shorter(limits.totalTimeout(), limit) : limits.totalTimeout();
  }

  /// Emits the parts that are due and requested, and schedules the next ones.
  private void emit() {
    Flow.Subscriber<? super byte[]> to = subscriber;
    if (emitting || to == null) {
      return;
    }
    emitting = true;
    try {
      while (!ended && isNextDue()) {
        byte[] bytes = takeNext().bytes();
        demand--;
        started = true;
        startWait();
        to.onNext(bytes);
      }
    } finally {
      emitting = false;
    }
    if (!ended && next == null && !parts.hasNext()) {
      end();
      if (truncated) {
        to.onError(call.exception(Kind.TRUNCATED));
      } else {
        to.onComplete();
      }
    } else if (!ended && call.elapsed().compareTo(deadline) >= 0) {
      end();
      to.onError(call.exception(Kind.TIMEOUT));
    } else if (!ended) {
      schedule();
    }
  }

  private boolean isNextDue() {
    if (next == null && parts.hasNext()) {
      next = parts.next();
    }
    Duration elapsed = call.elapsed();
    return next != null
        && demand > 0
        && next.dueAt().compareTo(elapsed) <= 0
        && next.dueAt().compareTo(deadline) <= 0;
  }

  private Part takeNext() {
    Part part = next;
    if (part == null) {
      throw new AssertionError("no part is due");
    }
    next = null;
    return part;
  }

  private void schedule() {
    timer.cancel();
    Duration wake = demand > 0 && next != null ? shorter(next.dueAt(), deadline) : deadline;
    timer = loop.schedule(wake.minus(call.elapsed()), this::emit);
  }

  private void end() {
    ended = true;
    timer.cancel();
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
