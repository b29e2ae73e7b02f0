package dev.agentlab.dialects;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/// Splits a byte stream into server-sent events. Accepts every line ending (`\n`, `\r\n`, `\r`),
/// comments, and chunk boundaries at any byte.
final class SseParser {
  /// The maximum size of an event, which is buffered completely.
  private static final int MAX_EVENT_BYTES = 32 << 20;

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  /// The incomplete event, in the first [#length] bytes.
  private byte[] buffer = new byte[0];

  private int length;

  /// The number of buffered bytes that have been scanned, and the start of the line at that
  /// position.
  private int scanned;

  private int lineStart;
  private boolean hasStarted;

  /// Passes each event that these bytes complete to the consumer, in order.
  ///
  /// @param bytes must not be changed afterwards, because events are views of the array
  /// @throws ProviderErrorException if an event exceeds the maximum size
  void feed(byte[] bytes, Consumer<SseEvent> events) {
    boolean isContinued = length > 0;
    if (isContinued) {
      append(bytes);
    }
    byte[] array = isContinued ? buffer : bytes;
    int end = isContinued ? length : bytes.length;
    int used = 0;
    int position = scanned;
    while (position < end) {
      byte b = array[position];
      if (b != '\n' && b != '\r') {
        position++;
        continue;
      }
      if (b == '\r' && position + 1 == end) {
        break; // The line feed of a CRLF may follow in the next chunk.
      }
      int next = b == '\r' && array[position + 1] == '\n' ? position + 2 : position + 1;
      if (position == lineStart) {
        emit(array, used, next, events);
        used = next;
      }
      lineStart = next;
      position = next;
    }
    length = end - used;
    if (length > MAX_EVENT_BYTES) {
      throw new ProviderErrorException("a stream event is too large", Optional.empty());
    }
    scanned = position - used;
    lineStart -= used;
    if (!isContinued || used > 0) {
      // A new array, because events that were passed on are views of the old one.
      buffer = Arrays.copyOfRange(array, used, end);
    }
  }

  /// The last event of a stream that ends without an empty line after it; empty if there is none.
  /// To be called once, after the last chunk.
  Optional<SseEvent> remainingEvent() {
    int end = length;
    while (end > 0 && (buffer[end - 1] == '\r' || buffer[end - 1] == '\n')) {
      end--;
    }
    if (end == 0) {
      return Optional.empty();
    }
    byte[] complete = Arrays.copyOf(buffer, end + 2);
    complete[end] = '\n';
    complete[end + 1] = '\n';
    return Optional.of(
        new SseEvent(
            complete, hasStarted ? 0 : byteOrderMarkLength(complete, 0, end), complete.length));
  }

  /// The size of the buffer for the incomplete event, in bytes.
  int bufferedBytes() {
    return buffer.length;
  }

  private void emit(byte[] array, int from, int to, Consumer<SseEvent> events) {
    int start = hasStarted ? from : from + byteOrderMarkLength(array, from, to);
    hasStarted = true;
    events.accept(new SseEvent(array, start, to));
  }

  private static int byteOrderMarkLength(byte[] array, int from, int to) {
    int end = Math.min(to, from + BYTE_ORDER_MARK.length);
    return Arrays.equals(array, from, end, BYTE_ORDER_MARK, 0, BYTE_ORDER_MARK.length)
        ? BYTE_ORDER_MARK.length
        : 0;
  }

  private void append(byte[] bytes) {
    if (length + bytes.length > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(length + bytes.length, 2 * buffer.length));
    }
    System.arraycopy(bytes, 0, buffer, length, bytes.length);
    length += bytes.length;
  }
}
