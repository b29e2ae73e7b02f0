package dev.agentlab.dialects;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/// One server-sent event as bytes: its lines and the empty line that ends it
/// (https://html.spec.whatwg.org/multipage/server-sent-events.html). A view of an array that must
/// not change.
final class SseEvent {
  private final byte[] array;
  private final int from;
  private final int to;

  SseEvent(byte[] array, int from, int to) {
    this.array = array;
    this.from = from;
    this.to = to;
  }

  byte[] array() {
    return array;
  }

  /// The start offset in the array.
  int from() {
    return from;
  }

  /// The end offset in the array, after the empty line.
  int to() {
    return to;
  }

  byte[] raw() {
    return Arrays.copyOfRange(array, from, to);
  }

  /// The joined values of the `data` lines; empty for an event without data, such as a comment.
  String data() {
    return field("data");
  }

  /// The value of the `event` line; empty if there is none.
  String name() {
    return field("event");
  }

  /// Whether the bytes are the beginning of another kind of body, JSON or HTML, and not an event:
  /// no field name begins with these characters.
  boolean isOtherFormat() {
    return array[from] == '{' || array[from] == '[' || array[from] == '<';
  }

  /// The error for bytes that are not an event ([#isOtherFormat]): the error that they contain, if
  /// any.
  ProviderErrorException otherFormatError(StreamMemory memory) {
    try {
      Optional<ProviderErrorException> reported = ProviderErrorException.find(memory.parse(raw()));
      if (reported.isPresent()) {
        return reported.get();
      }
    } catch (JacksonException e) {
      // Handled below, like JSON without an error object.
    }
    return new ProviderErrorException("the response is not an event stream", Optional.empty());
  }

  /// The values of a field, joined by line feeds. Copies only the values, because an event of a
  /// hostile provider may have millions of lines.
  private String field(String name) {
    byte[] field = name.getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream values = new ByteArrayOutputStream(to - from);
    boolean isFirst = true;
    int start = from;
    while (start < to) {
      int end = start;
      while (end < to && array[end] != '\n' && array[end] != '\r') {
        end++;
      }
      int value = valueStart(field, start, end);
      if (value >= 0) {
        if (!isFirst) {
          values.write('\n');
        }
        isFirst = false;
        values.write(array, value, end - value);
      }
      start = end + 1;
    }
    return values.toString(StandardCharsets.UTF_8);
  }

  /// The offset of the value in a line of the field; -1 if the line belongs to another field.
  private int valueStart(byte[] field, int start, int end) {
    int colon = start + field.length;
    if (colon > end || !Arrays.equals(array, start, colon, field, 0, field.length)) {
      return -1;
    }
    if (colon == end) {
      return end;
    }
    if (array[colon] != ':') {
      return -1;
    }
    return colon + 1 < end && array[colon + 1] == ' ' ? colon + 2 : colon + 1;
  }
}
