import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Times one chat after the other on one connection, directly and through the service in turns. */
final class ChatLatency {
  private static final String DIRECT =
      """
      {"model":"m","messages":[{"role":"user","content":"Hello there, how are you?"}]}""";
  private static final String AGENT = "{\"prompt\":\"Hello there, how are you?\"}";

  /** Arguments: port of the upstream, port of the service, agent's id, rounds, calls a round, key. */
  public static void main(String[] args) throws IOException {
    int rounds = Integer.parseInt(args[3]);
    int calls = Integer.parseInt(args[4]);
    try (Peer direct = new Peer(Integer.parseInt(args[0]), "/v1/chat/completions", "", DIRECT);
        Peer service =
            new Peer(
                Integer.parseInt(args[1]),
                "/api/agents/" + args[2] + "/chat",
                "Authorization: Bearer " + args[5] + "\r\n",
                AGENT)) {
      direct.calls(60_000);
      service.calls(60_000);
      System.out.printf("%-8s%12s%12s%12s%12s%n", "round", "direct p50", "p99", "added p50", "p99");
      double[] p50 = new double[rounds];
      double[] p99 = new double[rounds];
      for (int i = 0; i < rounds; i++) {
        long[] one = direct.calls(calls);
        long[] other = service.calls(calls);
        p50[i] = (at(other, 0.5) - at(one, 0.5)) / 1e6;
        p99[i] = (at(other, 0.99) - at(one, 0.99)) / 1e6;
        System.out.printf(
            "%-8d%12.3f%12.3f%12.3f%12.3f%n",
            i + 1, at(one, 0.5) / 1e6, at(one, 0.99) / 1e6, p50[i], p99[i]);
      }
      Arrays.sort(p50);
      Arrays.sort(p99);
      System.out.printf(
          "%-8s%12s%12s%12.3f%12.3f%n", "median", "", "", p50[rounds / 2], p99[rounds / 2]);
    }
  }

  private static long at(long[] sorted, double part) {
    return sorted[(int) (part * (sorted.length - 1))];
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

    /** Nanoseconds of each call, sorted. */
    long[] calls(int count) throws IOException {
      long[] times = new long[count];
      for (int i = 0; i < count; i++) {
        long began = System.nanoTime();
        socket.getOutputStream().write(request);
        readAnswer();
        times[i] = System.nanoTime() - began;
      }
      Arrays.sort(times);
      return times;
    }

    private void readAnswer() throws IOException {
      String status = line();
      if (!status.contains(" 200 ")) {
        throw new IOException(status);
      }
      int length = 0;
      for (String line = line(); !line.isEmpty(); line = line()) {
        if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
          length = Integer.parseInt(line.substring(15).strip());
        }
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
