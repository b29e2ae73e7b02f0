package dev.agentlab.simulation;

import dev.agentlab.simulation.SimulatedAnswer.Part;
import dev.agentlab.upstream.UpstreamException.Kind;
import dev.agentlab.upstream.UpstreamLimits;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A stream on its way to one subscriber: each part when it is due and has been asked for, on a
/// virtual thread of its own.
final class PacedBody implements Flow.Publisher<byte[]>, Flow.Subscription {
  private final SimulatedCall call;
  private final SimulatedAnswer.Stream stream;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean subscribed;
  private long demand;
  private boolean cancelled;

  PacedBody(SimulatedCall call, SimulatedAnswer.Stream stream) {
    this.call = call;
    this.stream = stream;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super byte[]> to) {
    lock.lock();
    try {
      if (subscribed) {
        throw new IllegalStateException("the body has a subscriber");
      }
      subscribed = true;
    } finally {
      lock.unlock();
    }
    to.onSubscribe(this);
    Thread.ofVirtual().name("simulation").start(() -> send(to));
  }

  @Override
  public void request(long parts) {
    // Of an overflow, as much as there can be.
    change(() -> demand = demand + parts < 0 ? Long.MAX_VALUE : demand + parts);
  }

  @Override
  public void cancel() {
    change(() -> cancelled = true);
  }

  private void change(Runnable how) {
    lock.lock();
    try {
      how.run();
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  private void send(Flow.Subscriber<? super byte[]> to) {
    Optional<Kind> stop = Optional.empty();
    Iterator<Part> parts = stream.parts().iterator();
    boolean first = true;
    while (stop.isEmpty() && parts.hasNext()) {
      Part part = parts.next();
      stop = waitFor(part, first);
      if (stop.isEmpty()) {
        to.onNext(part.bytes());
      }
      first = false;
    }
    if (stop.isEmpty() && stream.cut()) {
      stop = Optional.of(Kind.CUT_OFF);
    }
    if (stop.isEmpty()) {
      to.onComplete();
    } else if (stop.get() != Kind.CANCELLED) {
      to.onError(call.failure(stop.get()));
    }
  }

  /// Waits until a part is due and asked for.
  ///
  /// @return why it is not to be sent, if it is not
  private Optional<Kind> waitFor(Part part, boolean first) {
    UpstreamLimits limits = call.limits();
    lock.lock();
    try {
      Duration patience = limits.total();
      boolean asked = false;
      while (true) {
        Duration now = call.spent();
        if (!asked && demand > 0) {
          asked = true;
          Duration limit = first ? limits.firstByte() : now.plus(limits.idle());
          patience = shorter(patience, limit);
        }
        if (cancelled) {
          return Optional.of(Kind.CANCELLED);
        }
        if (asked && now.compareTo(part.at()) >= 0) {
          demand--;
          return Optional.empty();
        }
        if (now.compareTo(patience) >= 0) {
          return Optional.of(Kind.TIMEOUT);
        }
        Duration next = asked ? shorter(part.at(), patience) : patience;
        changed.awaitNanos(next.minus(now).toNanos());
      }
    } catch (InterruptedException e) {
      return Optional.of(Kind.CANCELLED);
    } finally {
      lock.unlock();
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
