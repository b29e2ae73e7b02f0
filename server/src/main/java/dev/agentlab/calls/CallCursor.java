package dev.agentlab.calls;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.UUID;

/// The position of a call in the list of all calls. Its text form is opaque to clients.
public record CallCursor(Instant startedAt, UUID id) {
  private static final int BYTES = 3 * Long.BYTES;

  static CallCursor of(Call call) {
    return new CallCursor(call.startedAt(), call.id());
  }

  /// @throws IllegalArgumentException if the text is not one of [#toString]
  static CallCursor parse(String text) {
    byte[] bytes = Base64.getUrlDecoder().decode(text);
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("not a cursor");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new CallCursor(
        Instant.EPOCH.plus(buffer.getLong() & (Long.MAX_VALUE >> 8), ChronoUnit.MICROS),
        new UUID(buffer.getLong(), buffer.getLong()));
  }

  @Override
  public String toString() {
    ByteBuffer buffer = ByteBuffer.allocate(BYTES);
    buffer
        .putLong(ChronoUnit.MICROS.between(Instant.EPOCH, startedAt))
        .putLong(id.getMostSignificantBits())
        .putLong(id.getLeastSignificantBits());
    return Base64.getUrlEncoder().withoutPadding().encodeToString(buffer.array());
  }
}
