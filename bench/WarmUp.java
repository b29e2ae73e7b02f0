import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Starts the service and the pipe in turns, a fresh process for each load, and measures the responses a second from the first
 * request on. Prints a line for each process: round, program, load, the second in which the rate reaches 0.8 of the later one,
 * the later rate (the mean of the last third), and the rate of each second.
 */
final class WarmUp {
  private static final int CONNECTIONS = 64;
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final String TEXT = "Hello there, how are you?";

  private record Program(String name, List<String> command, URI ready, List<Load> loads) {}

  private record Load(String name, byte[] request) {}

  /** Arguments: launcher, port, agent's id, key, port of the upstream, file for the output, rounds, seconds, command of the pipe. */
  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[1]);
    Path log = Path.of(args[5]);
    int rounds = Integer.parseInt(args[6]);
    int seconds = Integer.parseInt(args[7]);
    String agent = "/api/agents/" + args[2];
    String prompt = "{\"prompt\":\"%s\"}".formatted(TEXT);
    List<Load> direct =
        List.of(
            new Load("streams", LoadClient.request("/v1/chat/completions", "", chat("\"stream\":true,"))),
            new Load("chats", LoadClient.request("/v1/chat/completions", "", chat(""))));
    String address = "http://127.0.0.1:" + port;
    List<Program> programs =
        List.of(
            new Program(
                "service",
                List.of(args[0], "serve"),
                URI.create(address + "/readyz"),
                List.of(
                    new Load("streams", LoadClient.request(agent + "/chat/stream", args[3], prompt)),
                    new Load("chats", LoadClient.request(agent + "/chat", args[3], prompt)))),
            new Program(
                "pipe",
                Arrays.asList(args).subList(8, args.length),
                URI.create(address + "/"),
                direct));
    // The client and the upstream are warm before the first process starts.
    for (Load load : direct) {
      try (LoadClient client = new LoadClient(Integer.parseInt(args[4]), load.request, CONNECTIONS)) {
        client.run(Duration.ofSeconds(Math.min(10, seconds)));
      }
    }
    for (int round = 1; round <= rounds; round++) {
      for (int load = 0; load < direct.size(); load++) {
        for (Program program : programs) {
          long[] rates = run(program, program.loads.get(load), port, log, seconds);
          double later = Arrays.stream(rates, seconds - Math.max(1, seconds / 3), seconds).average().orElseThrow();
          System.out.printf(
              "%-8d%-10s%-10s%8d%10.0f  %s%n",
              round,
              program.name,
              direct.get(load).name,
              secondReaching(0.8 * later, rates),
              later,
              Arrays.stream(rates).mapToObj(Long::toString).collect(Collectors.joining(" ")));
        }
      }
    }
  }

  private static String chat(String member) {
    return "{\"model\":\"m\",%s\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}".formatted(member, TEXT);
  }

  private static int secondReaching(double rate, long[] rates) {
    int second = 1;
    while (rates[second - 1] < rate) {
      second++;
    }
    return second;
  }

  /** Responses in each second. */
  private static long[] run(Program program, Load load, int port, Path log, int seconds) throws Exception {
    Process process =
        new ProcessBuilder(program.command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    Thread end = new Thread(process::destroy);
    Runtime.getRuntime().addShutdownHook(end);
    try {
      long began = System.nanoTime();
      while (!isReady(program)) {
        if (!process.isAlive() || System.nanoTime() - began > LIMIT.toNanos()) {
          throw new IllegalStateException(program.command + " did not become ready");
        }
        Thread.sleep(5);
      }
      long[] rates = new long[seconds];
      try (LoadClient client = new LoadClient(port, load.request, CONNECTIONS)) {
        for (int i = 0; i < seconds; i++) {
          rates[i] = client.run(Duration.ofSeconds(1)).responses();
        }
      }
      return rates;
    } finally {
      process.destroy();
      process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
      Runtime.getRuntime().removeShutdownHook(end);
    }
  }

  private static boolean isReady(Program program) {
    try {
      HttpURLConnection connection = (HttpURLConnection) program.ready.toURL().openConnection();
      connection.setReadTimeout(2_000);
      return connection.getResponseCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }
}
