package dev.agentlab.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Values as bytes, of which each tells its own end: two different sequences of the same types are
/// never the same bytes. For one thread.
final class Encoding {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);

  /// @param purpose what the bytes are for, so that no two purposes share any
  Encoding(String purpose) {
    text(purpose);
  }

  /// Eight bytes, the highest first.
  Encoding number(long number) {
    return raw(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
  }

  /// The number of bytes in UTF-8, in four bytes, then they.
  Encoding text(String text) {
    return bytes(text.getBytes(UTF_8));
  }

  /// 0, or 1 and the text.
  Encoding optional(Optional<String> text) {
    out.write(text.isPresent() ? 1 : 0);
    return text.map(this::text).orElse(this);
  }

  /// As a hash of any length is stored.
  Encoding hash(Hash hash) {
    return bytes(hash.bytes());
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  private Encoding bytes(byte[] bytes) {
    return raw(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array()).raw(bytes);
  }

  private Encoding raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }
}
