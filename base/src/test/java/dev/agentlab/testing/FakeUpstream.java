package dev.agentlab.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/// An upstream on a plain socket: sends scripted bytes as the response to each request, and records
/// the requests. Listens on loopback.
public final class FakeUpstream implements AutoCloseable {

  /// Handles one request. Receives the output of the connection; when it returns, the next request
  /// on the connection is read.
  @FunctionalInterface
  public interface Script {
    void respond(Request request, OutputStream out) throws IOException;
  }

  /// Handles one request while its body arrives.
  @FunctionalInterface
  public interface StreamScript {
    /// Receives the body and sends the response.
    ///
    /// @param request without its body
    /// @param in begins with the body, including the framing of chunks
    void respond(Request request, InputStream in, OutputStream out) throws IOException;
  }

  /// A received request.
  ///
  /// @param connection number of the connection, from 1
  /// @param serverName the server name in the TLS handshake (SNI)
  /// @param head the request line and the header fields
  /// @param body empty if there is none
  public record Request(
      int connection, Optional<String> serverName, List<String> head, String body) {
    public String requestLine() {
      return head.getFirst();
    }

    public Optional<String> header(String name) {
      return head.stream()
          .skip(1)
          .filter(field -> field.regionMatches(true, 0, name + ":", 0, name.length() + 1))
          .map(field -> field.substring(name.length() + 1).strip())
          .findFirst();
    }
  }

  /// The first byte of a TLS connection, which is a bad request to a server without TLS.
  private static final int TLS_HANDSHAKE = 0x16;

  private final ServerSocket listener;
  private final boolean startTls;
  private final StreamScript script;
  private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
  private final BlockingQueue<Integer> disconnects = new LinkedBlockingQueue<>();
  private final Set<Socket> openSockets = ConcurrentHashMap.newKeySet();

  private FakeUpstream(ServerSocket listener, boolean secure, Script script) {
    this.listener = listener;
    this.startTls = secure;
    this.script = (request, in, out) -> script.respond(receive(request, in), out);
    Thread.ofVirtual().start(this::accept);
  }

  private FakeUpstream(ServerSocket listener, StreamScript script) {
    this.listener = listener;
    this.startTls = false;
    this.script =
        (request, in, out) -> {
          requests.add(request);
          script.respond(request, in, out);
        };
    Thread.ofVirtual().start(this::accept);
  }

  /// Starts an upstream that can respond before it has received the body of a request.
  public static FakeUpstream startStreaming(StreamScript script) {
    try {
      return new FakeUpstream(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static FakeUpstream start(Script script) {
    try {
      return new FakeUpstream(
          new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), false, script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static FakeUpstream start(String response) {
    return start((_, out) -> {
      out.write(response.getBytes(StandardCharsets.UTF_8));
      out.flush();
    });
  }

  public static FakeUpstream startTls(SSLContext tls, String response) {
    return startTls(
        tls,
        (_, out) -> {
          out.write(response.getBytes(StandardCharsets.UTF_8));
          out.flush();
        });
  }

  public static FakeUpstream startTls(SSLContext tls, Script script) {
    try {
      return new FakeUpstream(
          tls.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress()),
          true,
          script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A response with a body of the given type.
  public static String response(String status, String type, String body) {
    return "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(status, type, body.getBytes(StandardCharsets.UTF_8).length, body);
  }

  public static String json(String body) {
    return response("200 OK", "application/json", body);
  }

  /// The head of an event stream that ends with the connection.
  public static String events() {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
  }

  public int port() {
    return listener.getLocalPort();
  }

  /// The URL of this upstream, by its address or a host name of the test.
  public URI url(String host, String path) {
    return URI.create("%s://%s:%d%s".formatted(startTls ? "https" : "http", host, port(), path));
  }

  public URI url(String path) {
    return url("127.0.0.1", path);
  }

  /// The next request; fails if there is none.
  public Request request() throws InterruptedException {
    return take(requests, "request");
  }

  /// Whether all received requests have been taken.
  public boolean isIdle() {
    return requests.isEmpty();
  }

  /// The number of the next connection that the client has closed.
  public int disconnect() throws InterruptedException {
    return take(disconnects, "disconnect");
  }

  /// Delays a script.
  public static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : openSockets) {
      socket.close();
    }
  }

  private static <T> T take(BlockingQueue<T> queue, String what) throws InterruptedException {
    T value = queue.poll(10, TimeUnit.SECONDS);
    if (value == null) {
      throw new AssertionError("no " + what + " was received");
    }
    return value;
  }

  private void accept() {
    int count = 0;
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        openSockets.add(socket);
        int connection = ++count;
        Thread.ofVirtual().start(() -> handleConnection(connection, socket));
      } catch (IOException e) {
        // Closed, or a failed handshake: the next connection may succeed.
      }
    }
  }

  private void handleConnection(int connection, Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      Optional<String> serverName = serverName(socket);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (true) {
        Optional<List<String>> head = readHead(in);
        if (head.isEmpty()) {
          break;
        }
        script.respond(
            new Request(connection, serverName, head.get(), ""), in, socket.getOutputStream());
      }
    } catch (IOException e) {
      // The client or the script closed the connection.
    } finally {
      disconnects.add(connection);
      openSockets.remove(socket);
    }
  }

  private Request receive(Request withoutBody, InputStream in) throws IOException {
    int length = withoutBody.header("Content-Length").map(Integer::parseInt).orElse(0);
    String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    Request request =
        new Request(withoutBody.connection(), withoutBody.serverName(), withoutBody.head(), body);
    requests.add(request);
    return request;
  }

  private static Optional<String> serverName(Socket socket) throws IOException {
    if (!(socket instanceof SSLSocket tls)) {
      return Optional.empty();
    }
    tls.startHandshake();
    return ((ExtendedSSLSession) tls.getSession())
        .getRequestedServerNames().stream()
            .map(name -> new String(name.getEncoded(), StandardCharsets.US_ASCII))
            .findFirst();
  }

  /// Reads up to the empty line; returns empty at the end of the connection.
  private static Optional<List<String>> readHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        return Optional.empty();
      }
      if (next == TLS_HANDSHAKE && head.isEmpty()) {
        return Optional.of(List.of("a TLS hello"));
      }
      head.append((char) next);
    }
    return Optional.of(head.toString().strip().lines().toList());
  }
}
