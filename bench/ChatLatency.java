import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Times one chat after the other on one connection, directly, through the pipe and through the service in turns. */
final class ChatLatency {
  private static final int TURNS = 20;
  private static final int WARM_UP_ROUNDS = 6;
  private static final String CHAT =
      """
      {"model":"m","messages":[{"role":"user","content":"Hello there, how are you?"}]}""";
  private static final String PROMPT = "{\"prompt\":\"Hello there, how are you?\"}";

  /** Arguments: ports of the upstream, the pipe and the service, its path, rounds, calls a round, key. */
  public static void main(String[] args) throws IOException {
    int rounds = Integer.parseInt(args[4]);
    int calls = Integer.parseInt(args[5]);
    String body = args[3].startsWith("/v1/") ? CHAT.replace("\"m\"", "\"up/m\"") : PROMPT;
    String authorization = "Authorization: Bearer " + args[6] + "\r\n";
    try (Peer direct = new Peer(Integer.parseInt(args[0]), "/v1/chat/completions", "", CHAT);
        Peer pipe = new Peer(Integer.parseInt(args[1]), "/", "", CHAT);
        Peer service = new Peer(Integer.parseInt(args[2]), args[3], authorization, body)) {
      List<Peer> peers = List.of(direct, pipe, service);
      for (int i = 0; i < WARM_UP_ROUNDS; i++) {
        measure(peers, calls);
      }
      System.out.printf(
          "%-8s%12s%8s%12s%8s%12s%8s%12s%8s%n",
          "round", "direct p50", "p99", "pipe adds", "p99", "service", "p99", "ratio p50", "p99");
      for (int i = 1; i <= rounds; i++) {
        long[][] times = measure(peers, calls);
        double[] p50 = added(times, 0.5);
        double[] p99 = added(times, 0.99);
        System.out.printf(
            "%-8d%12.3f%8.3f%12.3f%8.3f%12.3f%8.3f%12.2f%8.2f%n",
            i, p50[0], p99[0], p50[1], p99[1], p50[2], p99[2], p50[2] / p50[1], p99[2] / p99[1]);
      }
    }
  }

  /** Nanoseconds of the calls of each peer, sorted. */
  private static long[][] measure(List<Peer> peers, int calls) throws IOException {
    int part = Math.max(1, calls / TURNS);
    long[][] times = new long[peers.size()][TURNS * part];
    for (int turn = 0; turn < TURNS; turn++) {
      for (int i = 0; i < times.length; i++) {
        peers.get(i).call(times[i], turn * part, part);
      }
    }
    for (long[] it : times) {
      Arrays.sort(it);
    }
    return times;
  }

  /** Milliseconds of the direct call at a quantile, and what each other peer adds. */
  private static double[] added(long[][] times, double quantile) {
    double[] millis = new double[times.length];
    for (int i = times.length - 1; i >= 0; i--) {
      int at = (int) (quantile * (times[i].length - 1));
      millis[i] = (times[i][at] - (i == 0 ? 0 : times[0][at])) / 1e6;
    }
    return millis;
  }

  private static final class Peer implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final byte[] request;

    Peer(int port, String path, String header, String json) throws IOException {
      socket = new Socket("127.0.0.1", port);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
      request =
          ("POST %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                  .formatted(path, header, json.length(), json))
              .getBytes(StandardCharsets.US_ASCII);
    }

    /** Calls `count` times and stores the nanoseconds of each call in `times`. */
    void call(long[] times, int from, int count) throws IOException {
      for (int i = from; i < from + count; i++) {
        long began = System.nanoTime();
        socket.getOutputStream().write(request);
        readResponse();
        times[i] = System.nanoTime() - began;
      }
    }

    private void readResponse() throws IOException {
      String status = line();
      if (!status.contains(" 200 ")) {
        throw new IOException(status);
      }
      int length = -1;
      for (String line = line(); !line.isEmpty(); line = line()) {
        if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
          length = Integer.parseInt(line.substring(15).strip());
        }
      }
      if (length < 0) {
        throw new IOException("the response has no Content-Length");
      }
      in.skipNBytes(length);
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder(64);
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) {
          throw new IOException("the connection ended");
        }
        if (c != '\r') {
          line.append((char) c);
        }
      }
      return line.toString();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
