import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Callers of endless streams: with {@code read} they read, with {@code stall} they stop after the first bytes. */
final class StalledStreams {
  private static final int RECEIVE_BUFFER_BYTES = 64 << 10;

  /** Arguments: port of the service, agent's id, streams, key, {@code read} or {@code stall}, seconds until the callers hang up. */
  public static void main(String[] args) throws IOException, InterruptedException {
    int port = Integer.parseInt(args[0]);
    int streams = Integer.parseInt(args[2]);
    Duration duration = Duration.ofSeconds(Long.parseLong(args[5]));
    byte[] request =
        LoadClient.request(
            "/api/agents/" + args[1] + "/chat/stream",
            args[3],
            "{\"prompt\":\"events=%d gap=0\"}".formatted(Integer.MAX_VALUE));
    if (args[4].equals("read")) {
      try (LoadClient client = new LoadClient(port, request, streams)) {
        client.run(duration);
      }
      return;
    }
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      Socket socket = new Socket();
      socket.setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
      socket.connect(new InetSocketAddress("127.0.0.1", port));
      socket.getOutputStream().write(request);
      sockets.add(socket);
    }
    for (Socket socket : sockets) {
      String status = new String(socket.getInputStream().readNBytes(12));
      if (!status.endsWith(" 200")) {
        throw new IOException(status);
      }
    }
    System.out.println("stalled");
    Thread.sleep(duration);
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
