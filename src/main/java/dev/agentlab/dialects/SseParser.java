package dev.agentlab.dialects;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/// Cuts a stream of bytes into server-sent events. Takes every line ending (`\n`, `\r\n`, `\r`),
/// comments, and cuts at any byte.
final class SseParser {
  /// A larger event is no event: it would be held whole.
  private static final int LARGEST_EVENT = 32 << 20;

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  /// The beginning of an event that is not whole yet, in the first [#length] bytes.
  private byte[] held = new byte[0];

  private int length;

  /// How far what is held has been looked through, and where the line begins that goes on there.
  private int scanned;

  private int lineStart;
  private boolean begun;

  /// Gives out each event that these bytes make whole, in order.
  ///
  /// @param bytes not changed afterwards, as the events are views of it
  /// @throws ProviderFault if an event grows too large
  void feed(byte[] bytes, Consumer<SseEvent> events) {
    boolean goesOn = length > 0;
    if (goesOn) {
      hold(bytes);
    }
    byte[] array = goesOn ? held : bytes;
    int end = goesOn ? length : bytes.length;
    int used = 0;
    int position = scanned;
    while (position < end) {
      byte b = array[position];
      if (b != '\n' && b != '\r') {
        position++;
        continue;
      }
      if (b == '\r' && position + 1 == end) {
        break; // A line feed may follow and belong to it.
      }
      int next = b == '\r' && array[position + 1] == '\n' ? position + 2 : position + 1;
      if (position == lineStart) {
        give(array, used, next, events);
        used = next;
      }
      lineStart = next;
      position = next;
    }
    length = end - used;
    if (length > LARGEST_EVENT) {
      throw new ProviderErrorException("an event of the stream is too large", Optional.empty());
    }
    scanned = position - used;
    lineStart -= used;
    if (!goesOn || used > 0) {
      // A new array: events that were given out still look at the old one.
      held = Arrays.copyOfRange(array, used, end);
    }
  }

  /// The event that the stream left without an empty line after it, if it left one. Call it once,
  /// after the last byte.
  Optional<SseEvent> rest() {
    int end = length;
    while (end > 0 && (held[end - 1] == '\r' || held[end - 1] == '\n')) {
      end--;
    }
    if (end == 0) {
      return Optional.empty();
    }
    byte[] whole = Arrays.copyOf(held, end + 2);
    whole[end] = '\n';
    whole[end + 1] = '\n';
    return Optional.of(new SseEvent(whole, begun ? 0 : markAt(whole, 0, end), whole.length));
  }

  /// Bytes of memory that the beginning of an event takes.
  int heldBytes() {
    return held.length;
  }

  private void give(byte[] array, int from, int to, Consumer<SseEvent> events) {
    int start = begun ? from : from + markAt(array, from, to);
    begun = true;
    events.accept(new SseEvent(array, start, to));
  }

  private static int markAt(byte[] array, int from, int to) {
    int end = Math.min(to, from + BYTE_ORDER_MARK.length);
    return Arrays.equals(array, from, end, BYTE_ORDER_MARK, 0, BYTE_ORDER_MARK.length)
        ? BYTE_ORDER_MARK.length
        : 0;
  }

  private void hold(byte[] bytes) {
    if (length + bytes.length > held.length) {
      held = Arrays.copyOf(held, Math.max(length + bytes.length, 2 * held.length));
    }
    System.arraycopy(bytes, 0, held, length, bytes.length);
    length += bytes.length;
  }
}
