package dev.agentlab.upstream;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// A listener on all local addresses that counts connections.
public final class ConnectionCounter implements AutoCloseable {
  private final ServerSocket listener;
  private final AtomicInteger connections = new AtomicInteger();

  public ConnectionCounter() {
    try {
      listener = new ServerSocket(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  public int port() {
    return listener.getLocalPort();
  }

  /// Resolves every name to this listener.
  public static Resolver resolver() {
    return _ -> List.of(InetAddress.getLoopbackAddress());
  }

  /// The number of connections since the last call; excludes the one that this method opens.
  public int takeCount() throws IOException, InterruptedException {
    // Connections are accepted in order, so this one is closed after all earlier ones.
    try (Socket last = new Socket(InetAddress.getLoopbackAddress(), port())) {
      last.getInputStream().read();
    }
    return connections.getAndSet(0) - 1;
  }

  private void accept() {
    try {
      while (true) {
        try (Socket _ = listener.accept()) {
          connections.incrementAndGet();
        }
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
