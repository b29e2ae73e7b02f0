package dev.agentlab.modelclient;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// A clock for circuit breakers that a test advances.
final class ManualClock implements InstantSource, LongSupplier {
  static final Instant START = Instant.parse("2026-01-31T14:05:09Z");

  // Near the end of the range, because nanoTime has an arbitrary origin.
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1);
  private final AtomicLong elapsed = new AtomicLong();

  CircuitBreaker createBreaker() {
    return new CircuitBreaker(this, this);
  }

  void advance(Duration time) {
    nanos.addAndGet(time.toNanos());
    elapsed.addAndGet(time.toNanos());
  }

  @Override
  public Instant instant() {
    return START.plusNanos(elapsed.get());
  }

  @Override
  public long getAsLong() {
    return nanos.get();
  }
}
