package dev.agentlab.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/// Values as the bytes that a [KeyedHash] is made of, of which each tells its own end: two
/// different sequences of the same types are never the same bytes. For one thread.
public final class MacInput {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);

  /// @param purpose what the bytes are for, so that no two purposes share any
  public MacInput(String purpose) {
    text(purpose);
  }

  /// Eight bytes, the highest first.
  public MacInput number(long number) {
    return raw(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
  }

  /// The number of bytes in UTF-8, in four bytes, then they.
  public MacInput text(String text) {
    return bytes(text.getBytes(UTF_8));
  }

  /// The number of texts, then each.
  public MacInput texts(List<String> texts) {
    number(texts.size());
    texts.forEach(this::text);
    return this;
  }

  /// The seconds since 1970 and the nanoseconds within the second.
  public MacInput time(Instant time) {
    return number(time.getEpochSecond()).number(time.getNano());
  }

  /// Their number in four bytes, then they.
  public MacInput bytes(byte[] bytes) {
    return raw(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array()).raw(bytes);
  }

  /// 0, or 1 and the value.
  ///
  /// @param write one of the methods above
  public <T> MacInput optional(Optional<T> value, BiConsumer<MacInput, T> write) {
    out.write(value.isPresent() ? 1 : 0);
    value.ifPresent(it -> write.accept(this, it));
    return this;
  }

  /// All that was written.
  public byte[] bytes() {
    return out.toByteArray();
  }

  private MacInput raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }
}
