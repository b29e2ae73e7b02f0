import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Many streams at once, each read to its end; says how many were whole. */
final class Streams {
  private static final AtomicInteger COMPLAINTS = new AtomicInteger();

  /** Arguments: port of the service, agent's id, streams, events each is to have, key. */
  public static void main(String[] args) throws InterruptedException {
    int streams = Integer.parseInt(args[2]);
    int events = Integer.parseInt(args[3]);
    AtomicInteger whole = new AtomicInteger();
    CountDownLatch ended = new CountDownLatch(streams);
    for (int i = 0; i < streams; i++) {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  if (isWhole(Integer.parseInt(args[0]), args[1], events, args[4])) {
                    whole.incrementAndGet();
                  }
                } catch (IOException e) {
                  System.err.println(e);
                } finally {
                  ended.countDown();
                }
              });
    }
    ended.await();
    System.out.println(whole);
  }

  private static boolean isWhole(int port, String agent, int events, String key) throws IOException {
    String json = "{\"prompt\":\"Hello\"}";
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(60_000);
      socket
          .getOutputStream()
          .write(
              ("POST /api/agents/%s/chat/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                      .formatted(agent, key, json.length(), json))
                  .getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8), 1 << 10);
      int content = 0;
      String last = "";
      boolean done = false;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.startsWith("data: {") && line.contains("\"content\"")) {
          content++;
        }
        done |= line.equals("data: [DONE]");
        last = line.isEmpty() ? last : line;
      }
      if ((content != events || !done) && COMPLAINTS.getAndIncrement() < 5) {
        System.err.printf("%d events, done: %s, the last line: %s%n", content, done, last);
      }
      return content == events && done;
    }
  }
}
