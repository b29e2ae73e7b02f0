package dev.agentlab.dialects;

import java.util.Arrays;

/// Collects the output of a stream whose events mostly pass through unchanged. Adjacent events of
/// one input array are not copied until other output follows.
final class PassThroughBuffer {
  private static final byte[] EMPTY = new byte[0];

  private final Utf8JsonWriter out = new Utf8JsonWriter();

  /// Adjacent input events that are not copied yet.
  private byte[] pending = EMPTY;

  private int pendingFrom;
  private int pendingTo;

  /// Appends an input event unchanged.
  @SuppressWarnings("ReferenceEquality") // Offsets are valid only in the same array.
  void pass(SseEvent event) {
    if (event.array() != pending || event.from() != pendingTo) {
      flush();
      pending = event.array();
      pendingFrom = event.from();
    }
    pendingTo = event.to();
  }

  /// Appends other output. The caller writes it to the returned writer.
  Utf8JsonWriter append() {
    flush();
    return out;
  }

  /// Returns the output since the previous call. If the output is exactly the input array, that
  /// array is returned without a copy.
  byte[] take() {
    if (out.length() == 0) {
      boolean fills = pendingFrom == 0 && pendingTo == pending.length;
      byte[] taken = fills ? pending : Arrays.copyOfRange(pending, pendingFrom, pendingTo);
      clearPending();
      return taken;
    }
    flush();
    return out.take();
  }

  private void flush() {
    out.raw(pending, pendingFrom, pendingTo);
    clearPending();
  }

  private void clearPending() {
    pending = EMPTY;
    pendingFrom = 0;
    pendingTo = 0;
  }
}
