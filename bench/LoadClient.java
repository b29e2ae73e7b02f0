import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Connections that each repeat one HTTP/1.1 request as soon as its response is complete. One thread serves all of them; a run
 * continues where the last one ended. An event of a stream is a text {@code @NANOS@} with the {@link System#nanoTime()} at which
 * it was sent. Any response other than a complete one with status 200 is an error.
 */
final class LoadClient implements AutoCloseable {
  private final Selector selector = Selector.open();
  private final List<Connection> connections = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
  private final byte[] request;
  private Durations delays = new Durations();
  private Durations firstEvents = new Durations();
  private long responses;

  /**
   * What ended or arrived in a run.
   *
   * @param delays of each event, from when it was sent
   * @param firstEvents the time from a request to the first event of its stream
   */
  record Result(long responses, Durations delays, Durations firstEvents) {}

  LoadClient(int port, byte[] request, int number) throws IOException {
    this.request = request;
    for (int i = 0; i < number; i++) {
      SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      Connection connection = new Connection(channel);
      connections.add(connection);
      channel.register(selector, SelectionKey.OP_READ, connection);
    }
    for (Connection connection : connections) {
      connection.send();
    }
  }

  static byte[] request(String path, String key, String json) {
    String authorization = key.isEmpty() ? "" : "Authorization: Bearer " + key + "\r\n";
    return """
        POST %s HTTP/1.1\r
        Host: localhost\r
        %sContent-Type: application/json\r
        Content-Length: %d\r
        \r
        %s"""
        .formatted(path, authorization, json.length(), json)
        .getBytes(StandardCharsets.US_ASCII);
  }

  Result run(Duration duration) throws IOException {
    delays = new Durations();
    firstEvents = new Durations();
    responses = 0;
    long end = System.nanoTime() + duration.toNanos();
    for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
      selector.select(Math.max(1, left / 1_000_000));
      for (SelectionKey key : selector.selectedKeys()) {
        ((Connection) key.attachment()).read();
      }
      selector.selectedKeys().clear();
    }
    return new Result(responses, delays, firstEvents);
  }

  @Override
  public void close() throws IOException {
    for (Connection connection : connections) {
      connection.channel.close();
    }
    selector.close();
  }

  /** Durations in nanoseconds. */
  static final class Durations {
    private long[] values = new long[1_024];
    private int size;
    private boolean sorted;

    private void add(long value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, 2 * size);
      }
      values[size++] = value;
      sorted = false;
    }

    int size() {
      return size;
    }

    /** The quantile in milliseconds. */
    double millis(double quantile) {
      if (size == 0) {
        throw new IllegalStateException("no event arrived");
      }
      if (!sorted) {
        Arrays.sort(values, 0, size);
        sorted = true;
      }
      return values[(int) (quantile * (size - 1))] / 1e6;
    }
  }

  private enum Part {
    HEAD,
    CHUNK_SIZE,
    CHUNK,
    BODY,
    TRAILER
  }

  private final class Connection {
    private final SocketChannel channel;
    private final StringBuilder line = new StringBuilder();
    private Part part = Part.HEAD;
    private long left;
    private boolean isChunked;
    private boolean hasEvent;
    private boolean isInStamp;
    private long stamp;
    private long sent;

    Connection(SocketChannel channel) {
      this.channel = channel;
    }

    void send() throws IOException {
      part = Part.HEAD;
      isChunked = true;
      hasEvent = false;
      sent = System.nanoTime();
      if (channel.write(ByteBuffer.wrap(request)) != request.length) {
        throw new IOException("the request does not fit into the socket's buffer");
      }
    }

    void read() throws IOException {
      buffer.clear();
      if (channel.read(buffer) < 0) {
        throw new EOFException("the connection was closed before the end of a response");
      }
      long now = System.nanoTime();
      buffer.flip();
      while (buffer.hasRemaining()) {
        switch (part) {
          case HEAD -> readLine();
          case CHUNK_SIZE -> readLine();
          case TRAILER -> readLine();
          case CHUNK, BODY -> readBody(now);
        }
      }
    }

    private void readLine() throws IOException {
      while (buffer.hasRemaining()) {
        char c = (char) buffer.get();
        if (c == '\n') {
          String complete = line.toString();
          line.setLength(0);
          endLine(complete);
          return;
        }
        if (c != '\r') {
          line.append(c);
        }
      }
    }

    private void endLine(String complete) throws IOException {
      switch (part) {
        case HEAD -> {
          if (complete.startsWith("HTTP/") && !complete.contains(" 200 ")) {
            throw new IOException(complete);
          }
          String field = complete.toLowerCase(Locale.ROOT);
          if (field.startsWith("content-length:")) {
            isChunked = false;
            left = Long.parseLong(field.substring("content-length:".length()).strip());
          } else if (complete.isEmpty()) {
            part = isChunked ? Part.CHUNK_SIZE : Part.BODY;
          }
        }
        case CHUNK_SIZE -> {
          // An empty line ends the chunk before this one.
          if (!complete.isEmpty()) {
            left = Long.parseLong(complete, 16);
            part = left == 0 ? Part.TRAILER : Part.CHUNK;
          }
        }
        default -> {
          if (complete.isEmpty()) {
            endResponse();
          }
        }
      }
    }

    private void readBody(long now) throws IOException {
      int end = buffer.position() + (int) Math.min(left, buffer.remaining());
      left -= end - buffer.position();
      byte[] bytes = buffer.array();
      for (int i = buffer.position(); i < end; i++) {
        byte b = bytes[i];
        if (b == '@') {
          if (isInStamp) {
            endStamp(now);
          }
          isInStamp = !isInStamp;
          stamp = 0;
        } else if (isInStamp) {
          stamp = 10 * stamp + b - '0';
        }
      }
      buffer.position(end);
      if (left == 0) {
        if (part == Part.BODY) {
          endResponse();
        } else {
          part = Part.CHUNK_SIZE;
        }
      }
    }

    private void endStamp(long now) {
      delays.add(now - stamp);
      if (!hasEvent) {
        hasEvent = true;
        firstEvents.add(now - sent);
      }
    }

    private void endResponse() throws IOException {
      responses++;
      send();
    }
  }
}
