package dev.agentlab.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/// An unambiguous encoding of values as the input of a [KeyedHash]: values are of fixed length or
/// have a length prefix, so that different sequences of values of the same types never have the
/// same encoding. Not thread-safe.
public final class MacInput {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);

  /// @param purpose separates the encodings of different uses (domain separation)
  public MacInput(String purpose) {
    text(purpose);
  }

  /// Writes eight bytes, big-endian.
  public MacInput number(long number) {
    return raw(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
  }

  /// Writes the length in UTF-8 as four bytes, then the text in UTF-8.
  public MacInput text(String text) {
    return bytes(text.getBytes(UTF_8));
  }

  /// Writes the number of texts, then each text.
  public MacInput texts(List<String> texts) {
    number(texts.size());
    texts.forEach(this::text);
    return this;
  }

  /// Writes the seconds since the epoch and the nanoseconds of the second.
  public MacInput time(Instant time) {
    return number(time.getEpochSecond()).number(time.getNano());
  }

  /// Writes the length as four bytes, then the bytes.
  public MacInput bytes(byte[] bytes) {
    return raw(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array()).raw(bytes);
  }

  /// Writes the byte 0 if the value is empty, otherwise the byte 1 and the value.
  ///
  /// @param write the method for the value's type
  public <T> MacInput optional(Optional<T> value, BiConsumer<MacInput, T> write) {
    out.write(value.isPresent() ? 1 : 0);
    value.ifPresent(it -> write.accept(this, it));
    return this;
  }

  /// The encoding of all values written.
  public byte[] bytes() {
    return out.toByteArray();
  }

  private MacInput raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }
}
