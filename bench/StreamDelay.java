import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Measures live streams with events 5 ms apart, directly, through the pipe and through two agents in turns: the delay of each
 * event with many streams, and the time to the first event with a few. Prints a line for each program and round.
 */
final class StreamDelay {
  private static final int GAP_MILLIS = 5;
  private static final int FEW_STREAMS = 8;
  private static final int FEW_EVENTS = 20;
  private static final Duration SETTLE = Duration.ofSeconds(1);
  private static final double TICK_MICROS = 10_000;

  private record Program(String name, int port, String path, String key, String json, String pid) {
    byte[] request(int events) {
      return LoadClient.request(path, key, json.formatted("events=%d gap=%d".formatted(events, GAP_MILLIS)));
    }

    /** Processor time so far, in ticks; 0 without a process. */
    long ticks() throws IOException {
      if (pid.isEmpty()) {
        return 0;
      }
      String stat = Files.readString(Path.of("/proc", pid, "stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
  }

  /**
   * @param events the delay of each event
   * @param ticks processor time of the program
   */
  private record Delay(LoadClient.Durations events, long ticks) {}

  /** Arguments: ports of the upstream, the pipe and the service; process ids of the latter two; ids of the two agents, key, rounds, seconds, streams. */
  public static void main(String[] args) throws IOException {
    String chat = "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}";
    String prompt = "{\"prompt\":\"%s\"}";
    int service = Integer.parseInt(args[2]);
    List<Program> programs =
        List.of(
            new Program("direct", Integer.parseInt(args[0]), "/v1/chat/completions", "", chat, ""),
            new Program("pipe", Integer.parseInt(args[1]), "/", "", chat, args[3]),
            new Program("service", service, agentPath(args[5]), args[7], prompt, args[4]),
            new Program("translated", service, agentPath(args[6]), args[7], prompt, args[4]));
    int rounds = Integer.parseInt(args[8]);
    Duration measured = Duration.ofSeconds(Long.parseLong(args[9]));
    int streams = Integer.parseInt(args[10]);
    for (int i = 0; i < 3; i++) {
      for (Program program : programs) {
        delay(program, streams, measured);
        firstEvents(program, measured);
      }
    }
    System.out.printf("%-8s%-12s%12s%12s%12s%12s%16s%n", "round", "program", "events/s", "p50", "p99", "CPU, µs", "first event");
    for (int i = 1; i <= rounds; i++) {
      for (Program program : programs) {
        Delay delay = delay(program, streams, measured);
        System.out.printf(
            "%-8d%-12s%12d%12.3f%12.3f%12.1f%16.3f%n",
            i,
            program.name,
            delay.events.size() / measured.toSeconds(),
            delay.events.millis(0.5),
            delay.events.millis(0.99),
            delay.ticks * TICK_MICROS / delay.events.size(),
            firstEvents(program, measured).millis(0.5));
      }
    }
  }

  private static String agentPath(String agent) {
    return "/api/agents/" + agent + "/chat/stream";
  }

  private static Delay delay(Program program, int streams, Duration measured) throws IOException {
    // No stream ends before the measurement does.
    int events = (int) measured.plus(SETTLE.multipliedBy(3)).toMillis() / GAP_MILLIS;
    try (LoadClient client = new LoadClient(program.port, program.request(events), streams)) {
      client.run(SETTLE);
      long before = program.ticks();
      LoadClient.Durations delays = client.run(measured).delays();
      return new Delay(delays, program.ticks() - before);
    }
  }

  private static LoadClient.Durations firstEvents(Program program, Duration measured) throws IOException {
    try (LoadClient client = new LoadClient(program.port, program.request(FEW_EVENTS), FEW_STREAMS)) {
      client.run(SETTLE);
      return client.run(measured).firstEvents();
    }
  }
}
