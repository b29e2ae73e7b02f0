package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.testing.StreamArbitraries;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/// Properties of the parser: its output does not depend on chunk boundaries or line endings, and
/// equals the output of the algorithm in the standard.
class SsePropertyTest extends StreamArbitraries {
  private record Event(String name, String data) {}

  @Property(tries = 5_000)
  void eventsMatchTheStandardForAnyChunksAndLineEndings(
      @ForAll("streams") String stream,
      @ForAll("cuts") List<Integer> cuts,
      @ForAll("endings") String ending) {
    byte[] bytes = stream.replace("\n", ending).getBytes(UTF_8);

    assertThat(parsed(cut(bytes, cuts))).isEqualTo(standardEvents(stream));
  }

  @Property(tries = 5_000)
  void chunkBoundariesDoNotChangeTheEvents(
      @ForAll("bytes") byte[] bytes, @ForAll("cuts") List<Integer> cuts) {
    assertThat(raw(cut(bytes, cuts))).isEqualTo(raw(List.of(bytes)));
    assertThat(raw(cut(bytes, everyByte(bytes.length)))).isEqualTo(raw(List.of(bytes)));
  }

  @Example
  void endlessEventIsRejected() {
    SseParser parser = new SseParser();
    byte[] part = "data: ".repeat(1 << 17).getBytes(UTF_8);

    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 100; i++) {
                parser.feed(part.clone(), _ -> {});
              }
            })
        .isInstanceOf(ProviderErrorException.class)
        .hasMessage("a stream event is too large");
  }

  @Example
  void singleByteChunksAreParsedInLinearTime() {
    SseParser parser = new SseParser();
    List<SseEvent> events = new ArrayList<>();
    long before = System.nanoTime();
    for (int i = 0; i < 2_000_000; i++) {
      parser.feed(new byte[] {(byte) (i % 100 == 99 ? '\n' : 'x')}, events::add);
    }
    parser.feed(new byte[] {'\n'}, events::add);

    assertThat(events).hasSize(1);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
  }

  private static List<Integer> everyByte(int length) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      places.add(i);
    }
    return places;
  }

  /// The bytes of each event, and last the bytes of the remaining event.
  private static List<String> raw(List<byte[]> pieces) {
    SseParser parser = new SseParser();
    List<String> events = new ArrayList<>();
    pieces.forEach(piece -> parser.feed(piece, event -> events.add(Arrays.toString(event.raw()))));
    events.add(
        parser.remainingEvent().map(event -> Arrays.toString(event.raw())).orElse("nothing"));
    return events;
  }

  private static List<Event> parsed(List<byte[]> pieces) {
    SseParser parser = new SseParser();
    List<Event> events = new ArrayList<>();
    pieces.forEach(
        piece -> parser.feed(piece, event -> events.add(new Event(event.name(), event.data()))));
    // The parser waits for a line feed after a carriage return at the end of the input.
    parser.feed(new byte[] {'x'}, event -> events.add(new Event(event.name(), event.data())));
    return events.stream().filter(event -> !event.data().isEmpty()).toList();
  }

  private static List<Event> standardEvents(String stream) {
    List<Event> events = new ArrayList<>();
    List<String> data = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<String> lines = List.of((stream + "x").split("\n", -1));
    for (String line : lines.subList(0, lines.size() - 1)) {
      int colon = line.indexOf(':');
      String field = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? "" : line.substring(colon + 1);
      value = value.startsWith(" ") ? value.substring(1) : value;
      if (field.equals("data")) {
        data.add(value);
      } else if (field.equals("event")) {
        names.add(value);
      } else if (line.isEmpty()) {
        events.add(new Event(String.join("\n", names), String.join("\n", data)));
        data.clear();
        names.clear();
      }
    }
    return events.stream().filter(event -> !event.data().isEmpty()).toList();
  }
}
