package dev.agentlab.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.cli.EventStream.Event;
import dev.agentlab.testing.StreamArbitraries;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSession;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/// Tests that the events of a stream do not depend on packet boundaries or line endings, and that
/// they match the parsing steps of the standard.
class EventStreamPropertyTest extends StreamArbitraries {
  @Property(tries = 5_000)
  void eventsMatchStandardForAnyChunksAndLineEndings(
      @ForAll("streams") String stream,
      @ForAll("cuts") List<Integer> cuts,
      @ForAll("endings") String ending) {
    byte[] bytes = stream.replace("\n", ending).getBytes(UTF_8);

    assertThat(read(cut(bytes, cuts))).isEqualTo(parseByStandard(stream));
  }

  @Property(tries = 5_000)
  void eventsDoNotDependOnChunkBoundaries(
      @ForAll("bytes") byte[] bytes, @ForAll("cuts") List<Integer> cuts) {
    assertThat(read(cut(bytes, cuts))).isEqualTo(read(List.of(bytes)));
  }

  /// Reads the events of a stream in which each read returns at most one piece.
  private static List<Event> read(List<byte[]> pieces) {
    List<InputStream> reads = pieces.stream().<InputStream>map(ByteArrayInputStream::new).toList();
    StreamResponse answer =
        new StreamResponse(new SequenceInputStream(Collections.enumeration(reads)));
    List<Event> events = new ArrayList<>();
    try (EventStream stream =
        new EventStream(
            CompletableFuture.completedFuture(answer),
            response -> {
              throw new AssertionError(response);
            },
            e -> {
              throw new AssertionError(e);
            })) {
      assertThat(stream.awaitHeaders()).isPresent();
      for (Optional<Event> next = stream.next(); next.isPresent(); next = stream.next()) {
        events.add(next.get());
      }
    }
    return events;
  }

  private record StreamResponse(InputStream body) implements HttpResponse<InputStream> {
    @Override
    public int statusCode() {
      return 200;
    }

    @Override
    public HttpHeaders headers() {
      return HttpHeaders.of(Map.of("Content-Type", List.of("text/event-stream")), (_, _) -> true);
    }

    @Override
    public HttpRequest request() {
      return HttpRequest.newBuilder(uri()).build();
    }

    @Override
    public Optional<HttpResponse<InputStream>> previousResponse() {
      return Optional.empty();
    }

    @Override
    public Optional<SSLSession> sslSession() {
      return Optional.empty();
    }

    @Override
    public URI uri() {
      return URI.create("http://localhost/");
    }

    @Override
    public HttpClient.Version version() {
      return HttpClient.Version.HTTP_1_1;
    }
  }

  private static List<Event> parseByStandard(String stream) {
    List<Event> events = new ArrayList<>();
    List<String> data = new ArrayList<>();
    String name = "";
    List<String> lines = List.of(stream.split("\n", -1));
    for (String line : lines.subList(0, lines.size() - 1)) {
      int colon = line.indexOf(':');
      String field = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? "" : line.substring(colon + 1);
      value = value.startsWith(" ") ? value.substring(1) : value;
      if (line.isEmpty()) {
        if (!data.isEmpty()) {
          events.add(new Event(name.isEmpty() ? "message" : name, String.join("\n", data)));
        }
        data.clear();
        name = "";
      } else if (field.equals("data")) {
        data.add(value);
      } else if (field.equals("event")) {
        name = value;
      }
    }
    return events;
  }
}
