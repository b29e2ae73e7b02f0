package dev.agentlab.calls;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/// The form of a record in a journal: its length in four bytes, a CRC-32C of length and record in
/// four bytes, and the record.
final class JournalFrame {
  static final int HEADER_BYTES = 8;

  /// Far above the size of an encoded record.
  static final int MAX_RECORD_BYTES = 4 << 20;

  private static final int LENGTH_BYTES = 4;

  private JournalFrame() {}

  /// The result of reading a frame.
  sealed interface Read {
    /// A complete record.
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Complete(byte[] payload) implements Read {}

    /// The file ends within the frame, or only zeros follow: the program or the machine stopped
    /// while it was written.
    record Torn() implements Read {}

    /// The frame was modified.
    record Damaged() implements Read {}
  }

  /// The bytes of a frame.
  static byte[] of(byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES + payload.length);
    frame.putInt(payload.length).putInt(checksum(payload)).put(payload);
    return frame.array();
  }

  private static int checksum(byte[] payload) {
    CRC32C checksum = new CRC32C();
    checksum.update(ByteBuffer.allocate(LENGTH_BYTES).putInt(0, payload.length));
    checksum.update(payload);
    return (int) checksum.getValue();
  }

  /// Reads the frame at the position of a file.
  ///
  /// @param end where the written part of the file ends
  /// @return empty at the end
  static Optional<Read> read(RandomAccessFile file, long end) throws IOException {
    long start = file.getFilePointer();
    long available = end - start;
    if (available <= 0) {
      return Optional.empty();
    }
    if (available < HEADER_BYTES) {
      return Optional.of(new Read.Torn());
    }
    int length = file.readInt();
    int checksum = file.readInt();
    if (length == 0 && checksum == 0 && isZero(file, end)) {
      return Optional.of(new Read.Torn());
    }
    if (length <= 0 || length > MAX_RECORD_BYTES) {
      return Optional.of(new Read.Damaged());
    }
    if (length > available - HEADER_BYTES) {
      return Optional.of(new Read.Torn());
    }
    byte[] payload = new byte[length];
    try {
      file.readFully(payload);
    } catch (EOFException _) {
      return Optional.of(new Read.Torn());
    }
    if (checksum(payload) == checksum) {
      return Optional.of(new Read.Complete(payload));
    }
    // The size of a file can be on disk before its content.
    return Optional.of(
        file.getFilePointer() == end && payload[length - 1] == 0
            ? new Read.Torn()
            : new Read.Damaged());
  }

  private static boolean isZero(RandomAccessFile file, long end) throws IOException {
    byte[] bytes = new byte[1 << 16];
    for (long left = end - file.getFilePointer(); left > 0; ) {
      int count = file.read(bytes, 0, (int) Math.min(left, bytes.length));
      if (count < 0) {
        return true;
      }
      for (int i = 0; i < count; i++) {
        if (bytes[i] != 0) {
          return false;
        }
      }
      left -= count;
    }
    return true;
  }
}
