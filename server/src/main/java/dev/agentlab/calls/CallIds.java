package dev.agentlab.calls;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/// The ids of call records: UUIDs of version 7 (RFC 9562, section 5.7), which begin with the
/// millisecond in which the call started.
final class CallIds {
  private static final int VERSION = 7;
  private static final long VARIANT = 0x8000_0000_0000_0000L;
  private static final long VARIANT_MASK = 0x3fff_ffff_ffff_ffffL;

  private CallIds() {}

  /// A new id for a call.
  static UUID create(Instant startedAt) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long high = (startedAt.toEpochMilli() << 16) | (VERSION << 12) | random.nextInt(1 << 12);
    return new UUID(high, (random.nextLong() & VARIANT_MASK) | VARIANT);
  }

  /// The millisecond in which the call of an id started; empty if no call has the id.
  static Optional<Instant> startOf(UUID id) {
    return id.version() == VERSION
        ? Optional.of(Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16))
        : Optional.empty();
  }
}
