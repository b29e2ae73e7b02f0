package dev.agentlab.e2e;

import java.time.Duration;

/// Prints measured times. Tests assert only a multiple of the documented limits, because the
/// machine may be busy.
final class Measurements {
  private Measurements() {}

  static void print(String what, Duration time) {
    System.out.printf("measured: %s: %d ms%n", what, time.toMillis());
  }
}
