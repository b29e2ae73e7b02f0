package dev.agentlab.e2e;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A connection to the service over which a test sends raw bytes.
final class RawConnection implements AutoCloseable {
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration BYTE_INTERVAL = Duration.ofMillis(100);
  private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)\r\n");

  private final Socket socket;

  /// A received response.
  ///
  /// @param head the status line and the headers
  record Reply(String head, String body) {
    int status() {
      return Integer.parseInt(head.split(" ", 3)[1]);
    }
  }

  private RawConnection(Socket socket) {
    this.socket = socket;
  }

  static RawConnection to(URI service) throws IOException {
    Socket socket = new Socket(service.getHost(), service.getPort());
    socket.setSoTimeout((int) READ_TIMEOUT.toMillis());
    socket.setTcpNoDelay(true);
    return new RawConnection(socket);
  }

  RawConnection send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  RawConnection send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  /// Sends bytes until the service closes the connection.
  RawConnection sendUntilClosed(byte[] bytes) throws IOException {
    try {
      return send(bytes);
    } catch (SocketException _) {
      return this;
    }
  }

  /// Sends single bytes at intervals until the service responds or closes the connection.
  RawConnection sendSlowly(String text) throws IOException, InterruptedException {
    try {
      for (byte next : text.getBytes(StandardCharsets.UTF_8)) {
        if (socket.getInputStream().available() > 0) {
          break;
        }
        send(new byte[] {next});
        Thread.sleep(BYTE_INTERVAL);
      }
    } catch (SocketException _) {
      // The service has closed the connection.
    }
    return this;
  }

  /// Reads the next response; empty if the connection is closed without one.
  ///
  /// @throws SocketTimeoutException if no response arrives in time
  Optional<Reply> reply() throws IOException {
    ByteArrayOutputStream received = new ByteArrayOutputStream();
    InputStream in = socket.getInputStream();
    try {
      while (!received.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
        int next = in.read();
        if (next < 0) {
          return Optional.empty();
        }
        received.write(next);
      }
      String head = received.toString(StandardCharsets.ISO_8859_1);
      Matcher length = LENGTH.matcher(head);
      byte[] body = in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
      return Optional.of(new Reply(head, new String(body, StandardCharsets.UTF_8)));
    } catch (SocketException _) {
      return Optional.empty();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
