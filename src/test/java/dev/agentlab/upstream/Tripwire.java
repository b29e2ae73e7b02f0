package dev.agentlab.upstream;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Listens on every address of this machine and counts who connects.
public final class Tripwire implements AutoCloseable {
  private final ServerSocket listener;
  private final AtomicInteger connections = new AtomicInteger();

  public Tripwire() {
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

  /// Every name leads to it.
  public static Resolver resolver() {
    return _ -> List.of(InetAddress.getLoopbackAddress());
  }

  /// How many connections there have been, besides the one by which this asks.
  public int connections() throws IOException, InterruptedException {
    // Connections are accepted in their order: the end of this one comes after all before it.
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
