package dev.agentlab.e2e;

import java.time.Duration;

/// Where tests write what they measured: they assert a multiple of what is promised, because the
/// machine may be busy.
final class Measurements {
  private Measurements() {}

  static void note(String what, Duration time) {
    System.out.printf("measured: %s: %d ms%n", what, time.toMillis());
  }
}
