package dev.agentlab.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
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
  ProviderFault otherFault() {
    try {
      Optional<ProviderFault> told = OpenAi.fault(WireJson.MAPPER.readTree(raw()));
      if (told.isPresent()) {
        return told.get();
      }
    } catch (JacksonException e) {
      // The same as JSON that tells of no fault.
    }
    return new ProviderFault("the answer is no stream of events", Optional.empty());
  }

  private String field(String name) {
    return new String(array, from, to - from, StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.equals(name) || line.startsWith(name + ":"))
        .map(line -> line.substring(Math.min(line.length(), name.length() + 1)))
        .map(value -> value.startsWith(" ") ? value.substring(1) : value)
        .collect(Collectors.joining("\n"));
  }
}
