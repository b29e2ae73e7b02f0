package dev.agentlab.dialects;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/// One server-sent event as bytes: its lines and the empty line after them
/// (https://html.spec.whatwg.org/multipage/server-sent-events.html). A view of an array that does
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

  /// Where it begins in the array.
  int from() {
    return from;
  }

  /// Where it ends in the array, the empty line included.
  int to() {
    return to;
  }

  byte[] raw() {
    return Arrays.copyOfRange(array, from, to);
  }

  /// What its `data` lines say together; empty text for an event without data, such as a comment.
  String data() {
    return field("data");
  }

  /// What its `event` line says; empty text if it has none.
  String name() {
    return field("event");
  }

  /// Whether this is no event but the beginning of another body, JSON or a web page: no field's
  /// name begins like that.
  boolean isOther() {
    return array[from] == '{' || array[from] == '[' || array[from] == '<';
  }

  /// What an event that [#isOther] says went wrong.
  ProviderErrorException otherFault(StreamMemory memory) {
    try {
      Optional<ProviderErrorException> told = OpenAi.fault(memory.parse(raw()));
      if (told.isPresent()) {
        return told.get();
      }
    } catch (JacksonException e) {
      // The same as JSON that tells of no fault.
    }
    return new ProviderErrorException("the answer is no stream of events", Optional.empty());
  }

  /// The values of a field, joined by line feeds. Copies nothing but those: a hostile event may
  /// have millions of lines.
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
      int value = valueOf(field, start, end);
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

  /// Where the value begins in a line of a field; -1 if the line is of another field.
  private int valueOf(byte[] field, int start, int end) {
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
