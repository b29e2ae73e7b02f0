package dev.agentlab.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A started server on a cluster.
///
/// @param port on 127.0.0.1
record ClusterServer(PostgresCluster cluster, ServerSupervisor supervisor, int port) {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterServer.class);

  /// Starts a server, after terminating the processes that a killed program left running on the
  /// cluster.
  static ClusterServer start(
      PostgresPrograms programs, PostgresCluster cluster, ServerSettings settings)
      throws IOException, InterruptedException {
    int port = findFreePort();
    ServerSupervisor supervisor =
        new ServerSupervisor(programs, cluster.data(), settings.of(programs.major(), port));
    supervisor.start();
    return new ClusterServer(cluster, supervisor, port);
  }

  /// How the program connects to its database.
  ///
  /// @param name of the database and its owner
  EmbeddedPostgres.Access access(String name) throws IOException {
    return new EmbeddedPostgres.Access(port, name, cluster.password(name));
  }

  void stop(Duration timeout) throws InterruptedException {
    supervisor.stop(timeout);
  }

  /// Finds a port below the ephemeral range. With an ephemeral port, a client that connects while
  /// the server is down could be assigned that port as its source port and connect to itself.
  private static int findFreePort() throws IOException {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    for (int attempt = 0; attempt < 100; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(loopback, port));
        return port;
      } catch (IOException e) {
        LOG.debug("port {} not available", port, e);
      }
    }
    throw new IOException("no free port between 20000 and 32000 on 127.0.0.1");
  }
}
