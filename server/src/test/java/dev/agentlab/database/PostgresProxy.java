package dev.agentlab.database;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A proxy for a PostgreSQL server that simulates network and pooler faults on the connections of
/// one application and forwards all others. Implements the necessary part of the protocol (version
/// 3, without TLS).
public final class PostgresProxy implements AutoCloseable {
  enum Mode {
    /// Forwards all messages.
    PASS,
    /// Drops all notifications, as a pooler in transaction mode does.
    DROP_NOTIFICATIONS,
    /// Forwards nothing and closes nothing.
    FROZEN
  }

  private static final char NOTIFICATION = 'A';

  private final Dsn server;
  private final String application;
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private Mode mode = Mode.PASS;
  private volatile Optional<String> disconnectText = Optional.empty();

  public PostgresProxy(Dsn server, String application) throws IOException {
    this.server = server;
    this.application = application;
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /// The DSN of the database through this proxy.
  public Dsn dsn() {
    return new Dsn(
        "127.0.0.1",
        listener.getLocalPort(),
        server.database(),
        server.user(),
        server.password(),
        server.sslMode());
  }

  /// From now on closes a connection before it forwards a statement that contains a text.
  public void disconnectBefore(String text) {
    disconnectText = Optional.of(text);
  }

  synchronized void mode(Mode next) {
    mode = next;
    notifyAll();
  }

  private synchronized Mode awaitThaw() throws IOException {
    try {
      while (mode == Mode.FROZEN) {
        wait();
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return mode;
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        client.setTcpNoDelay(true);
        sockets.add(client);
        Thread.ofVirtual().start(() -> runAndClose(client, () -> connect(client)));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void connect(Socket client) throws IOException {
    Socket backend = new Socket(server.host(), server.port());
    backend.setTcpNoDelay(true);
    sockets.add(backend);
    DataInputStream in = new DataInputStream(client.getInputStream());
    OutputStream out = backend.getOutputStream();
    byte[] startup = readMessage(in, Optional.empty());
    boolean affected =
        new String(startup, StandardCharsets.UTF_8).contains("\0" + application + "\0");
    Thread.ofVirtual()
        .start(() -> runAndClose(client, () -> forwardResponses(backend, client, affected)));
    out.write(startup);
    runAndClose(
        backend,
        () -> {
          while (true) {
            byte[] message = readMessage(in, Optional.of(in.readByte()));
            if (affected) {
              awaitThaw();
              if (isDisconnectStatement(message)) {
                client.close();
                return;
              }
            }
            out.write(message);
          }
        });
  }

  private void forwardResponses(Socket backend, Socket client, boolean affected)
      throws IOException {
    DataInputStream in = new DataInputStream(backend.getInputStream());
    OutputStream out = client.getOutputStream();
    while (true) {
      byte type = in.readByte();
      byte[] message = readMessage(in, Optional.of(type));
      Mode now = affected ? awaitThaw() : Mode.PASS;
      if (now != Mode.DROP_NOTIFICATIONS || type != NOTIFICATION) {
        out.write(message);
      }
    }
  }

  private boolean isDisconnectStatement(byte[] message) {
    return disconnectText.filter(new String(message, StandardCharsets.UTF_8)::contains).isPresent();
  }

  /// Reads a complete message: its type, if any, its length and its body.
  private static byte[] readMessage(DataInputStream in, Optional<Byte> type) throws IOException {
    int length = in.readInt();
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    type.ifPresent(message::write);
    message.writeBytes(
        new byte[] {
          (byte) (length >> 24), (byte) (length >> 16), (byte) (length >> 8), (byte) length
        });
    message.writeBytes(in.readNBytes(length - 4));
    return message.toByteArray();
  }

  private interface Transfer {
    void run() throws IOException;
  }

  /// Runs a transfer and closes the socket when it ends.
  private static void runAndClose(Socket socket, Transfer transfer) {
    try (socket) {
      transfer.run();
    } catch (IOException e) {
      // One side has disconnected.
    }
  }

  @Override
  public void close() throws IOException {
    mode(Mode.PASS);
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
