package dev.agentlab.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;

/// An HTTP server on loopback that returns prepared responses and records requests.
public final class FakeService implements AutoCloseable {
  private final HttpServer server;
  private final Map<String, Queue<PreparedResponse>> responses = new ConcurrentHashMap<>();
  private final List<ReceivedRequest> requests = new CopyOnWriteArrayList<>();

  public record PreparedResponse(int status, Map<String, String> headers, String body) {}

  /// A received request.
  ///
  /// @param line method, path and query, as in `GET /api/providers?page=1`
  public record ReceivedRequest(String line, Map<String, List<String>> headers, String body) {
    public String header(String name) {
      return headers.getOrDefault(name, List.of("")).getFirst();
    }
  }

  public FakeService() {
    this(Optional.empty());
  }

  /// @param tls the TLS context; empty for plain HTTP
  public FakeService(Optional<SSLContext> tls) {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try {
      if (tls.isPresent()) {
        HttpsServer https = HttpsServer.create(address, 0);
        https.setHttpsConfigurator(new HttpsConfigurator(tls.get()));
        server = https;
      } else {
        server = HttpServer.create(address, 0);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.start();
  }

  public String url() {
    String scheme = server instanceof HttpsServer ? "https" : "http";
    return "%s://127.0.0.1:%d".formatted(scheme, port());
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /// Prepares a response. Several responses for one line are returned in order, the last
  /// repeatedly.
  public FakeService on(String line, int status, String body) {
    return on(line, new PreparedResponse(status, Map.of(), body));
  }

  public FakeService on(String line, PreparedResponse answer) {
    responses.computeIfAbsent(line, _ -> new ArrayDeque<>()).add(answer);
    return this;
  }

  public List<ReceivedRequest> requests() {
    return List.copyOf(requests);
  }

  /// The request lines received: method, path and query.
  public List<String> lines() {
    return requests.stream().map(ReceivedRequest::line).toList();
  }

  /// The only request with this line.
  public ReceivedRequest requests(String line) {
    List<ReceivedRequest> matching =
        requests.stream().filter(it -> it.line().equals(line)).toList();
    if (matching.size() != 1) {
      throw new AssertionError("requests: " + lines());
    }
    return matching.getFirst();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      requests.add(new ReceivedRequest(line, Map.copyOf(exchange.getRequestHeaders()), body));
      PreparedResponse answer = nextResponse(line);
      answer.headers().forEach(exchange.getResponseHeaders()::set);
      byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private PreparedResponse nextResponse(String line) {
    Queue<PreparedResponse> prepared = responses.getOrDefault(line, new ArrayDeque<>());
    PreparedResponse last = prepared.size() > 1 ? prepared.poll() : prepared.peek();
    return last == null ? new PreparedResponse(599, Map.of(), "not prepared: " + line) : last;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
