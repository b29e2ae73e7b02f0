package dev.agentlab.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.agentlab.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.eventstream.HeaderValue;
import software.amazon.eventstream.Message;
import tools.jackson.databind.JsonNode;

/// A response of a vendor, from a file in `mock/<vendor>`: comments that cite its source, the
/// status line, the header fields, an empty line, and the body. The body of an Amazon event stream
/// has one event a line.
///
/// @param head the status line and the header fields
/// @param parts the events of a stream as bytes, or the one body
record MockMessage(List<String> head, List<byte[]> parts) {
  private static final String EVENT_STREAM = "application/vnd.amazon.eventstream";

  /// Reads a file; empty if there is none.
  static Optional<MockMessage> read(String vendor, String name) {
    String file = "/mock/%s/%s.http".formatted(vendor, name);
    try (InputStream in = MockMessage.class.getResourceAsStream(file)) {
      return in == null
          ? Optional.empty()
          : Optional.of(parse(new String(in.readAllBytes(), UTF_8), vendor));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MockMessage parse(String text, String vendor) {
    int end = text.indexOf("\n\n");
    List<String> head = text.substring(0, end).lines().filter(it -> !it.startsWith("#")).toList();
    String body = text.substring(end + 2).strip();
    String type = head.stream().filter(it -> it.startsWith("content-type:")).findFirst().orElse("");
    if (type.contains(EVENT_STREAM)) {
      return new MockMessage(head, body.lines().map(MockMessage::amazonEvent).toList());
    }
    if (!type.contains("text/event-stream")) {
      return new MockMessage(head, List.of(body.getBytes(UTF_8)));
    }
    // Google's events end their lines with CRLF.
    String lineEnd = vendor.equals("gemini") ? "\r\n" : "\n";
    return new MockMessage(
        head,
        Arrays.stream(body.split("\n\n", -1))
            .map(event -> (event + "\n\n").replace("\n", lineEnd).getBytes(UTF_8))
            .toList());
  }

  /// An event in Amazon's encoding (https://smithy.io/2.0/aws/amazon-eventstream.html).
  private static byte[] amazonEvent(String line) {
    JsonNode json = Json.MAPPER.readTree(line);
    String type = json.propertyNames().iterator().next();
    JsonNode payload = json.get(type);
    boolean isException = type.equals("exception");
    if (isException) {
      type = payload.propertyNames().iterator().next();
      payload = payload.get(type);
    }
    String kind = isException ? "exception" : "event";
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new Message(
            Map.of(
                ":message-type",
                HeaderValue.fromString(kind),
                ":" + kind + "-type",
                HeaderValue.fromString(type),
                ":content-type",
                HeaderValue.fromString("application/json")),
            Json.MAPPER.writeValueAsBytes(payload))
        .encode(bytes);
    return bytes.toByteArray();
  }

  /// A copy without the usage, which OpenAI sends only if the client asks for it.
  MockMessage withoutUsage() {
    return new MockMessage(
        head,
        parts.stream().filter(it -> !new String(it, UTF_8).contains("\"choices\":[]")).toList());
  }

  /// A copy with an id of its own: replaces `MOCK_ID`.
  MockMessage withId(String id) {
    return new MockMessage(
        head,
        parts.stream()
            .map(it -> new String(it, UTF_8).replace("MOCK_ID", id).getBytes(UTF_8))
            .toList());
  }

  byte[] body() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    parts.forEach(all::writeBytes);
    return all.toByteArray();
  }

  /// The bytes of the complete response.
  byte[] bytes() {
    byte[] body = body();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head("content-length: " + body.length));
    all.writeBytes(body);
    return all.toByteArray();
  }

  /// The first bytes of a response in chunked encoding, without its end.
  ///
  /// @param length the number of bytes of the body
  byte[] chunked(int length) {
    byte[] body = Arrays.copyOf(body(), length);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head("transfer-encoding: chunked"));
    if (length > 0) {
      all.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(UTF_8));
      all.writeBytes(body);
      all.writeBytes("\r\n".getBytes(UTF_8));
    }
    return all.toByteArray();
  }

  /// The head of a response that ends with the connection.
  byte[] closingHead() {
    return head("connection: close");
  }

  private byte[] head(String framing) {
    List<String> lines = new ArrayList<>(head);
    lines.add(framing);
    return (String.join("\r\n", lines) + "\r\n\r\n").getBytes(UTF_8);
  }
}
