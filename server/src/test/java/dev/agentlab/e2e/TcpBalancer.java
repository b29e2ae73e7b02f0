package dev.agentlab.e2e;

import dev.agentlab.server.TestClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// A load balancer that forwards TCP connections in turn to the replicas that are ready, and to the
/// next one if a replica refuses. It knows nothing about HTTP but the readiness check.
final class TcpBalancer implements AutoCloseable {
  private static final Duration CHECK_INTERVAL = Duration.ofMillis(200);

  private final ServerSocket socket = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger turn = new AtomicInteger();
  private final List<Integer> ports;
  private volatile List<Integer> ready = List.of();

  TcpBalancer(List<Integer> ports) throws IOException {
    this.ports = List.copyOf(ports);
    threads.execute(() -> ignoreFailure(this::check));
    threads.execute(() -> ignoreFailure(this::accept));
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort());
  }

  /// The ports of the replicas that get new connections.
  List<Integer> ready() {
    return ready;
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  /// A connection that fails is closed, which its client notices.
  private static void ignoreFailure(Work work) {
    try {
      work.run();
    } catch (IOException | InterruptedException _) {
      // Also the end of the test.
    }
  }

  private void check() throws InterruptedException {
    while (!socket.isClosed()) {
      ready = ports.stream().filter(TcpBalancer::isReady).toList();
      Thread.sleep(CHECK_INTERVAL);
    }
  }

  private static boolean isReady(int port) {
    TestClient client = TestClient.of(URI.create("http://127.0.0.1:" + port));
    try {
      return client.get("/readyz").status() == 200;
    } catch (IllegalStateException _) {
      return false;
    } finally {
      client.http().shutdownNow();
    }
  }

  private void accept() throws IOException {
    while (!socket.isClosed()) {
      Socket client = socket.accept();
      threads.execute(() -> ignoreFailure(() -> forward(client)));
    }
  }

  private void forward(Socket client) throws IOException {
    try (client;
        Socket replica = connect()) {
      client.setTcpNoDelay(true);
      replica.setTcpNoDelay(true);
      threads.execute(() -> ignoreFailure(() -> pipe(client, replica)));
      pipe(replica, client);
    }
  }

  private Socket connect() throws IOException {
    IOException failure = new IOException("no replica is ready");
    int first = turn.getAndIncrement();
    List<Integer> candidates = ready;
    for (int i = 0; i < candidates.size(); i++) {
      try {
        int port = candidates.get(Math.floorMod(first + i, candidates.size()));
        return new Socket(InetAddress.getLoopbackAddress(), port);
      } catch (IOException e) {
        failure = e;
      }
    }
    throw failure;
  }

  private static void pipe(Socket from, Socket to) throws IOException {
    InputStream in = from.getInputStream();
    in.transferTo(to.getOutputStream());
    to.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    threads.shutdownNow();
  }
}
