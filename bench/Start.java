import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Starts the service again and again, and tells how long it took from the launcher's start until it
/// was ready, and what memory its JVM then holds. The first start, which may have to make the class
/// archive, is not counted.
///
/// Arguments: the launcher, the service's address, a file for its output, how many starts count. The
/// service's configuration is in the environment.
public final class Start {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration IDLE = Duration.ofSeconds(5);

  private record Run(long millis, long mebibytes) {}

  void main(String[] arguments) throws Exception {
    int runs = Integer.parseInt(arguments[3]);
    List<Run> counted = new ArrayList<>();
    for (int i = 0; i <= runs; i++) {
      Run run = run(arguments[0], URI.create(arguments[1] + "/readyz"), Path.of(arguments[2]));
      if (i == 0) {
        System.out.printf("%-8s%14s%28s%n", "start", "ready, ms", "resident when idle, MiB");
      } else {
        System.out.printf("%-8d%14d%28d%n", i, run.millis, run.mebibytes);
        counted.add(run);
      }
    }
    System.out.printf(
        "%-8s%14d%28d%n",
        "median",
        counted.stream().mapToLong(Run::millis).sorted().toArray()[runs / 2],
        counted.stream().mapToLong(Run::mebibytes).sorted().toArray()[runs / 2]);
    System.out.printf("%-8s%14s%28s%n", "target", "<= 1000", "<= 200");
  }

  private static Run run(String launcher, URI ready, Path log) throws Exception {
    long began = System.nanoTime();
    Process service =
        new ProcessBuilder(launcher, "serve")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Thread end = new Thread(service::destroy);
    Runtime.getRuntime().addShutdownHook(end);
    try {
      while (!answers(ready)) {
        if (!service.isAlive() || System.nanoTime() - began > LIMIT.toNanos()) {
          throw new IllegalStateException("the service did not become ready");
        }
        Thread.sleep(5);
      }
      long millis = (System.nanoTime() - began) / 1_000_000;
      Thread.sleep(IDLE);
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
