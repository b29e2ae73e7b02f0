package dev.agentlab.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.agentlab.json.Json;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// A raw connection to a server, for tests that control the exact bytes.
public final class RawHttpConnection implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 10_000;

  private final Socket socket;
  private final InputStream in;

  /// A received response.
  ///
  /// @param headers by lower-case name
  public record RawResponse(int status, Map<String, String> headers, String text) {
    public String header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }

    public JsonNode json() {
      return Json.MAPPER.readTree(text);
    }
  }

  public RawHttpConnection(int port) throws IOException {
    this(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  /// Wraps an existing connection, such as a TLS connection.
  public RawHttpConnection(Socket connected) throws IOException {
    socket = connected;
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
  }

  public Socket socket() {
    return socket;
  }

  /// Sends bytes unchanged.
  public RawHttpConnection sendRaw(String text) throws IOException {
    return sendRaw(text.getBytes(ISO_8859_1));
  }

  public RawHttpConnection sendRaw(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /// Sends a request; adds the `Host` header, and `Content-Length` if there is a body.
  public RawHttpConnection send(String head, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    String length = bytes.length == 0 ? "" : "Content-Length: " + bytes.length + "\r\n";
    sendRaw(head + "\r\nHost: localhost\r\n" + length + "\r\n");
    return sendRaw(bytes);
  }

  /// Reads the next response to a request that is not `HEAD`.
  public RawResponse readResponse() throws IOException {
    return readResponse(false);
  }

  /// Reads the next response.
  ///
  /// @param isHead whether the response is to a `HEAD` request, so it has no body
  public RawResponse readResponse(boolean isHead) throws IOException {
    RawResponse start = readHead();
    if (start.header("transfer-encoding").equals("chunked") && !isHead) {
      StringBuilder body = new StringBuilder();
      for (String chunk = readChunk(); !chunk.isEmpty(); chunk = readChunk()) {
        body.append(chunk);
      }
      return new RawResponse(start.status(), start.headers(), body.toString());
    }
    int length =
        isHead || start.header("content-length").isEmpty()
            ? 0
            : Integer.parseInt(start.header("content-length"));
    return new RawResponse(
        start.status(), start.headers(), new String(in.readNBytes(length), UTF_8));
  }

  /// Reads the head of the next response, without its body.
  public RawResponse readHead() throws IOException {
    String[] first = readLine().split(" ", 3);
    int status = Integer.parseInt(first[1]);
    Map<String, String> headers = new TreeMap<>();
    for (String line = readLine(); !line.isEmpty(); line = readLine()) {
      int colon = line.indexOf(':');
      headers.merge(
          line.substring(0, colon).toLowerCase(Locale.ROOT),
          line.substring(colon + 1).strip(),
          (one, other) -> one + ", " + other);
    }
    return new RawResponse(status, headers, "");
  }

  /// Reads the next chunk of a chunked response; empty at its end.
  public String readChunk() throws IOException {
    int length = Integer.parseInt(readLine(), 16);
    String chunk = new String(in.readNBytes(length), UTF_8);
    readLine();
    return chunk;
  }

  /// Whether the server closes the connection without sending more bytes.
  public boolean isClosed() throws IOException {
    try {
      return in.read() < 0;
    } catch (SocketException e) {
      return true;
    }
  }

  private String readLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("connection closed after: " + line);
      }
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
