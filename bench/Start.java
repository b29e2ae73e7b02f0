import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Starts the service and the floor in turns, and measures the time from the launcher's start until
/// each is ready, and the memory that the service's JVM then holds. Then measures a short command
/// and `java -version` in turns. The first of each is not counted.
///
/// Arguments: the launcher, the script that starts the floor, `java`, the address of both, a file
/// for their output, the number of counted starts. The service's configuration is in the
/// environment.
public final class Start {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration IDLE = Duration.ofSeconds(5);

  private record Run(long millis, long mebibytes) {}

  void main(String[] arguments) throws Exception {
    String launcher = arguments[0];
    URI ready = URI.create(arguments[3] + "/readyz");
    Path log = Path.of(arguments[4]);
    int runs = Integer.parseInt(arguments[5]);
    List<Run> services = new ArrayList<>();
    List<Run> floors = new ArrayList<>();
    System.out.printf("%-8s%14s%14s%28s%n", "start", "ready, ms", "floor, ms", "resident idle, MiB");
    for (int i = 0; i <= runs; i++) {
      Run service = run(List.of(launcher, "serve"), ready, log, IDLE);
      Run floor = run(List.of("sh", arguments[1]), ready, log, Duration.ZERO);
      if (i > 0) {
        System.out.printf("%-8d%14d%14d%28d%n", i, service.millis, floor.millis, service.mebibytes);
        services.add(service);
        floors.add(floor);
      }
    }
    long ours = median(services.stream().map(Run::millis).toList());
    long least = median(floors.stream().map(Run::millis).toList());
    System.out.printf(
        "%-8s%14d%14d%28d%n",
        "median", ours, least, median(services.stream().map(Run::mebibytes).toList()));
    System.out.printf("ready: %.2f of the floor (target: at most 1.6)%n%n", (double) ours / least);

    List<Long> commands = new ArrayList<>();
    List<Long> bare = new ArrayList<>();
    for (int i = 0; i <= 3 * runs; i++) {
      long command = time(List.of(launcher, "provider", "list"), log);
      long java = time(List.of(arguments[2], "-version"), log);
      if (i > 0) {
        commands.add(command);
        bare.add(java);
      }
    }
    System.out.printf(
        "provider list: median %d ms, java -version %d ms: %.1f of it (target: at most 6)%n",
        median(commands), median(bare), (double) median(commands) / median(bare));
  }

  private static long median(List<Long> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private static long time(List<String> command, Path log) throws Exception {
    long began = System.nanoTime();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IllegalStateException(command + " failed");
    }
    return (System.nanoTime() - began) / 1_000_000;
  }

  private static Run run(List<String> command, URI ready, Path log, Duration idle)
      throws Exception {
    long began = System.nanoTime();
    Process service =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    Thread end = new Thread(service::destroy);
    Runtime.getRuntime().addShutdownHook(end);
    try {
      while (!answers(ready)) {
        if (!service.isAlive() || System.nanoTime() - began > LIMIT.toNanos()) {
          throw new IllegalStateException(command + " did not become ready");
        }
        Thread.sleep(5);
      }
      long millis = (System.nanoTime() - began) / 1_000_000;
      Thread.sleep(idle);
      return new Run(millis, resident(service.pid()));
    } finally {
      service.destroy();
      service.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
      Runtime.getRuntime().removeShutdownHook(end);
    }
  }

  private static boolean answers(URI ready) {
    try {
      HttpURLConnection connection = (HttpURLConnection) ready.toURL().openConnection();
      connection.setReadTimeout(2000);
      return connection.getResponseCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private static long resident(long pid) throws IOException {
    Process ps = new ProcessBuilder("ps", "-o", "rss=", "-p", Long.toString(pid)).start();
    return Long.parseLong(new String(ps.getInputStream().readAllBytes()).strip()) / 1024;
  }
}
