package dev.agentlab.simulation;

import dev.agentlab.simulation.SimulatedResponse.Part;
import dev.agentlab.upstream.UpstreamException.Kind;
import dev.agentlab.upstream.UpstreamLimits;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The body of a stream, for one subscriber. Emits each part when it is due and requested, on a
/// virtual thread of its own.
final class PacedBody implements Flow.Publisher<byte[]>, Flow.Subscription {
  private final SimulatedCall call;
  private final SimulatedResponse.Stream stream;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition stateChanged = lock.newCondition();
  private boolean subscribed;
  private long demand;
  private boolean cancelled;

  PacedBody(SimulatedCall call, SimulatedResponse.Stream stream) {
    this.call = call;
    this.stream = stream;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super byte[]> subscriber) {
    lock.lock();
    try {
      if (subscribed) {
        throw new IllegalStateException("the body already has a subscriber");
      }
      subscribed = true;
    } finally {
      lock.unlock();
    }
    subscriber.onSubscribe(this);
    Thread.ofVirtual().name("simulation").start(() -> send(subscriber));
  }

  @Override
  public void request(long parts) {
    // Saturates on overflow.
    updateState(() -> demand = demand + parts < 0 ? Long.MAX_VALUE : demand + parts);
  }

  @Override
  public void cancel() {
    updateState(() -> cancelled = true);
  }

  private void updateState(Runnable update) {
    lock.lock();
    try {
      update.run();
      stateChanged.signal();
    } finally {
      lock.unlock();
    }
  }

  private void send(Flow.Subscriber<? super byte[]> subscriber) {
    Optional<Kind> stop = Optional.empty();
    Iterator<Part> parts = stream.parts().iterator();
    boolean first = true;
    while (stop.isEmpty() && parts.hasNext()) {
      Part part = parts.next();
      stop = awaitPart(part, first);
      if (stop.isEmpty()) {
        subscriber.onNext(part.bytes());
      }
      first = false;
    }
    if (stop.isEmpty() && stream.truncated()) {
      stop = Optional.of(Kind.TRUNCATED);
    }
    if (stop.isEmpty()) {
      subscriber.onComplete();
    } else if (stop.get() != Kind.CANCELLED) {
      subscriber.onError(call.exception(stop.get()));
    }
  }

  /// Waits until a part is due and requested.
  ///
  /// @return the reason not to send the part, if any
  private Optional<Kind> awaitPart(Part part, boolean first) {
    UpstreamLimits limits = call.limits();
    lock.lock();
    try {
      Duration deadline = limits.totalTimeout();
      boolean requested = false;
      while (true) {
        Duration now = call.elapsed();
        if (!requested && demand > 0) {
          requested = true;
          Duration limit = first ? limits.firstByteTimeout() : now.plus(limits.idleTimeout());
          deadline = shorter(deadline, limit);
        }
        if (cancelled) {
          return Optional.of(Kind.CANCELLED);
        }
        if (requested && now.compareTo(part.dueAt()) >= 0) {
          demand--;
          return Optional.empty();
        }
        if (now.compareTo(deadline) >= 0) {
          return Optional.of(Kind.TIMEOUT);
        }
        Duration next = requested ? shorter(part.dueAt(), deadline) : deadline;
        stateChanged.awaitNanos(next.minus(now).toNanos());
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
