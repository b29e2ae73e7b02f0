package dev.agentlab.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// An HTTP proxy for `CONNECT` requests, on loopback. Connects every host name to loopback, and
/// records the requests.
public final class TestProxy implements AutoCloseable {
  private static final String CONNECTED = "HTTP/1.1 200 Connection established\r\n\r\n";

  private final ServerSocket listener;
  private final Optional<String> refusal;
  private final BlockingQueue<List<String>> requests = new LinkedBlockingQueue<>();
  private final Set<Socket> openSockets = ConcurrentHashMap.newKeySet();

  private TestProxy(Optional<String> refusal) {
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.refusal = refusal;
    Thread.ofVirtual().start(this::accept);
  }

  /// A proxy that accepts every request.
  public static TestProxy start() {
    return new TestProxy(Optional.empty());
  }

  /// A proxy that sends a response to every request and closes the connection.
  public static TestProxy startRefusing(String response) {
    return new TestProxy(Optional.of(response));
  }

  public int port() {
    return listener.getLocalPort();
  }

  /// The head of the next request; fails if there is none.
  public List<String> request() throws InterruptedException {
    List<String> request = requests.poll(10, TimeUnit.SECONDS);
    if (request == null) {
      throw new AssertionError("no request was received");
    }
    return request;
  }

  /// Whether all received requests have been taken.
  public boolean isIdle() {
    return requests.isEmpty();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : openSockets) {
      socket.close();
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        openSockets.add(client);
        Thread.ofVirtual().start(() -> handleConnection(client));
      } catch (IOException e) {
        // Closed.
      }
    }
  }

  private void handleConnection(Socket client) {
    try (client) {
      List<String> head = readHead(client.getInputStream());
      requests.add(head);
      OutputStream out = client.getOutputStream();
      if (refusal.isPresent()) {
        out.write(refusal.get().getBytes(StandardCharsets.UTF_8));
        return;
      }
      String authority = head.getFirst().split(" ", -1)[1];
      int port = Integer.parseInt(authority.substring(authority.lastIndexOf(':') + 1));
      try (Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
        openSockets.add(server);
        out.write(CONNECTED.getBytes(StandardCharsets.UTF_8));
        Thread answers = Thread.ofVirtual().start(() -> copy(server, client));
        copy(client, server);
        answers.join();
      }
    } catch (IOException | InterruptedException e) {
      // Either side closed the connection.
    } finally {
      openSockets.remove(client);
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // Closed.
    }
    try {
      from.close();
      to.close();
    } catch (IOException e) {
      // Closed.
    }
  }

  /// Reads up to the empty line and nothing after it.
  private static List<String> readHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("closed");
      }
      head.append((char) next);
    }
    return head.toString().strip().lines().toList();
  }
}
