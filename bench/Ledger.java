import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Calls replicas while parts of the installation are killed, then compares the records of the calls with the ledgers of the
 * providers (LedgerUpstream.java).
 *
 * <p>{@code load CALLS REPLICAS KEY FIRST_UPSTREAM REPLICA_PID POSTGRES_PID_FILE FOLDER} makes the calls, three in ten as streams, of
 * which one in four is left by its client. After a quarter of the calls the replica is killed, after a half PostgreSQL, and after
 * three quarters the first provider refuses connections for five seconds. Writes the ids of the calls by how they ended for the
 * client to FOLDER.
 *
 * <p>{@code check REPLICA KEY UPSTREAMS FOLDER} compares, and exits with 1 if a call is missing, counted twice or has other tokens.
 */
final class Ledger {
  private static final int CALLERS = 128;
  private static final int PAGE = 200;
  private static final double MAX_ESTIMATE_ERROR = 0.1;
  private static final JsonMapper JSON = JsonMapper.shared();

  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Map<String, LongAdder> ends = new ConcurrentSkipListMap<>();
  private final Set<String> settled = ConcurrentHashMap.newKeySet();
  private final Set<String> left = ConcurrentHashMap.newKeySet();
  private final AtomicInteger moved = new AtomicInteger();
  private final AtomicInteger next = new AtomicInteger();
  private final String key;

  private Ledger(String key) {
    this.key = key;
  }

  public static void main(String[] args) throws Exception {
    if (args[0].equals("load")) {
      Ledger ledger = new Ledger(args[3]);
      Faults faults = new Faults(args[4], Long.parseLong(args[5]), Path.of(args[6]));
      ledger.load(Integer.parseInt(args[1]), args[2].split(","), faults, Path.of(args[7]));
    } else {
      boolean equal = new Ledger(args[2]).check(args[1], args[3].split(","), Path.of(args[4]));
      System.exit(equal ? 0 : 1);
    }
  }

  /** What is killed. */
  private record Faults(String upstream, long replica, Path postgres) {
    void killReplica() {
      ProcessHandle.of(replica).orElseThrow().destroyForcibly();
    }

    void killPostgres() throws IOException {
      long pid = Long.parseLong(Files.readAllLines(postgres).getFirst());
      ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }
  }

  private void load(int calls, String[] replicas, Faults faults, Path folder) throws Exception {
    List<Thread> callers =
        IntStream.range(0, CALLERS)
            .mapToObj(caller -> Thread.ofVirtual().start(() -> repeat(calls, replicas, faults, new Random(caller))))
            .toList();
    for (Thread caller : callers) {
      caller.join();
    }
    Files.write(folder.resolve("settled"), settled);
    Files.write(folder.resolve("left"), left);
    ends.forEach((end, number) -> System.out.printf("%9d %s%n", number.sum(), end));
    System.out.printf("%9d of them moved to another target%n", moved.get());
  }

  private void repeat(int calls, String[] replicas, Faults faults, Random random) {
    for (int call = next.getAndIncrement(); call < calls; call = next.getAndIncrement()) {
      try {
        if (call == calls / 4) {
          faults.killReplica();
        } else if (call == calls / 2) {
          faults.killPostgres();
        } else if (call == calls / 4 * 3) {
          http.send(post(faults.upstream() + "/refuse?millis=5000", ""), BodyHandlers.ofString());
        }
        call(call, replicas, random);
      } catch (IOException e) {
        count("broken connection");
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Makes a call; a replica that cannot be reached is skipped, as by a load balancer. */
  private void call(int number, String[] replicas, Random random) throws IOException, InterruptedException {
    boolean streams = number % 10 < 3;
    int tokens = streams ? 20 + random.nextInt(180) : 10 + random.nextInt(60);
    int stop = streams && random.nextInt(4) == 0 ? 1 + random.nextInt(tokens / 5 + 1) : Integer.MAX_VALUE;
    String model = number % 2 == 0 ? "bench" : "up/m";
    String body =
        """
        {"model":"%s","stream":%b,"messages":[{"role":"user","content":"tokens=%d %s"}]}"""
            .formatted(model, streams, tokens, prompt(random));
    for (int i = 0; i < replicas.length; i++) {
      try {
        String replica = replicas[(number + i) % replicas.length];
        if (streams) {
          stream(model, URI.create(replica), body, stop);
        } else {
          complete(model, http.send(post(replica + "/v1/chat/completions", body), BodyHandlers.ofString()));
        }
        return;
      } catch (ConnectException e) {
        // The next one.
      }
    }
    count("no replica");
  }

  private void complete(String model, HttpResponse<String> response) {
    if (response.statusCode() != 200) {
      count(model + ": status " + response.statusCode());
      return;
    }
    settle(
        model,
        JSON.readTree(response.body()).path("id").asString(),
        response.headers().firstValue("Agent-Lab-Attempts").orElse("1").equals("1"));
  }

  /**
   * Over a connection of its own, which is closed at once where the client leaves.
   *
   * @param stop the number of events after which the client leaves
   */
  private void stream(String model, URI url, String body, int stop) throws IOException {
    try (Socket socket = new Socket(url.getHost(), url.getPort());
        var lines = new BufferedReader(new InputStreamReader(socket.getInputStream()))) {
      socket.setSoTimeout(60_000);
      socket
          .getOutputStream()
          .write(
              """
              POST /v1/chat/completions HTTP/1.1\r
              Host: localhost\r
              Authorization: Bearer %s\r
              Content-Type: application/json\r
              Content-Length: %d\r
              Connection: close\r
              \r
              %s"""
                  .formatted(key, body.length(), body)
                  .getBytes(US_ASCII));
      String status = String.valueOf(lines.readLine());
      if (!status.contains(" 200 ")) {
        count(model + ": status " + status.replaceAll("^[^ ]* ([0-9]*).*", "$1"));
        return;
      }
      String id = "";
      int events = 0;
      boolean isFirstAttempt = true;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.toLowerCase(Locale.ROOT).startsWith("agent-lab-attempts:")) {
          isFirstAttempt = line.endsWith(" 1");
        } else if (line.startsWith("event: error")) {
          count(model + ": error event");
          return;
        } else if (line.equals("data: [DONE]")) {
          settle(model, id, isFirstAttempt);
          return;
        } else if (line.startsWith("data: ")) {
          id = id.isEmpty() ? JSON.readTree(line.substring(6)).path("id").asString() : id;
          if (++events == stop) {
            left.add(id);
            count(model + ": left by its client");
            return;
          }
        }
      }
      count(model + ": incomplete stream");
    }
  }

  private void settle(String model, String id, boolean isFirstAttempt) {
    settled.add(id);
    count(model + ": complete");
    if (!isFirstAttempt) {
      moved.incrementAndGet();
    }
  }

  private void count(String end) {
    ends.computeIfAbsent(end, _ -> new LongAdder()).increment();
  }

  private static String prompt(Random random) {
    return IntStream.range(0, 20 + random.nextInt(200))
        .mapToObj(_ -> "a".repeat(1 + random.nextInt(7)))
        .collect(Collectors.joining(" "));
  }

  private HttpRequest post(String url, String body) {
    return request(url).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)).build();
  }

  private HttpRequest.Builder request(String url) {
    return HttpRequest.newBuilder(URI.create(url))
        .timeout(Duration.ofMinutes(1))
        .header("Authorization", "Bearer " + key);
  }

  /** A call as its provider counted it. */
  private record Entry(String id, long input, long cached, long output, long reasoning, boolean complete) {
    static Entry of(String line) {
      String[] parts = line.split(" ");
      return new Entry(
          parts[0],
          Long.parseLong(parts[1]),
          Long.parseLong(parts[2]),
          Long.parseLong(parts[3]),
          Long.parseLong(parts[4]),
          Boolean.parseBoolean(parts[5]));
    }

    boolean equals(JsonNode record) {
      JsonNode tokens = record.path("tokens");
      return record.path("status").asString().equals("ok")
          && tokens.path("source").asString().equals("reported")
          && tokens.path("input").asLong() == input - cached
          && tokens.path("cached_input").asLong() == cached
          && tokens.path("output").asLong() == output
          && tokens.path("reasoning").asLong() == reasoning;
    }
  }

  private boolean check(String replica, String[] upstreams, Path folder) throws Exception {
    settled.addAll(Files.readAllLines(folder.resolve("settled")));
    left.addAll(Files.readAllLines(folder.resolve("left")));
    Map<String, Entry> entries = new HashMap<>();
    for (String upstream : upstreams) {
      text(upstream + "/ledger").lines().map(Entry::of).forEach(it -> entries.put(it.id(), it));
    }
    Map<String, JsonNode> records = new HashMap<>();
    int twice = 0;
    int unknown = 0;
    for (JsonNode record : records(replica)) {
      String id = record.path("provider_request_id").asString("");
      if (!entries.containsKey(id)) {
        unknown++;
      } else if (records.put(id, record) != null) {
        twice++;
      }
    }
    List<String> missing = settled.stream().filter(id -> !records.containsKey(id)).toList();
    List<String> different =
        Stream.concat(
                settled.stream().filter(records::containsKey),
                records.keySet().stream().filter(id -> isReported(records.get(id))))
            .distinct()
            .filter(id -> !entries.get(id).equals(records.get(id)))
            .toList();
    long unrecorded = entries.values().stream().filter(it -> it.complete() && !records.containsKey(it.id())).count();
    System.out.printf("complete for their clients: %d; missing: %d, counted twice: %d, with other tokens than the"
            + " ledger's: %d%n", settled.size(), missing.size(), twice, different.size());
    System.out.printf("complete in a ledger but without a record: %d (in flight when the replica was killed)%n", unrecorded);
    System.out.printf("records of calls that no ledger has: %d%n", unknown);
    different.stream().limit(5).forEach(id -> System.out.println(entries.get(id) + " was recorded as " + records.get(id)));
    Estimates estimates = Estimates.of(left, entries, records);
    System.out.println("left by their clients: %d; %s".formatted(left.size(), estimates));
    Files.writeString(
        folder.resolve("summary"),
        "of %,d calls that were complete for their clients, %d are missing, %d recorded with other tokens and %d twice; %s"
            .formatted(settled.size(), missing.size(), different.size(), twice, estimates));
    return missing.isEmpty() && twice == 0 && different.isEmpty() && Math.abs(estimates.together()) <= MAX_ESTIMATE_ERROR;
  }

  private static boolean isReported(JsonNode record) {
    return record.at("/tokens/source").asString().equals("reported");
  }

  /**
   * How far the estimates of calls are from the ledgers.
   *
   * @param together the relative error of the sum
   * @param each the relative error of each, in order
   */
  private record Estimates(double together, List<Double> each) {
    static Estimates of(Set<String> ids, Map<String, Entry> entries, Map<String, JsonNode> records) {
      List<Double> each = new ArrayList<>();
      long estimated = 0;
      long counted = 0;
      for (String id : ids) {
        JsonNode tokens = records.getOrDefault(id, JSON.missingNode()).path("tokens");
        // A call that had ended when its client left has the numbers of its provider.
        if (tokens.path("source").asString("").equals("estimated")) {
          long estimate = tokens.path("input").asLong() + tokens.path("cached_input").asLong() + tokens.path("output").asLong();
          long count = entries.get(id).input() + entries.get(id).output();
          estimated += estimate;
          counted += count;
          each.add(Math.abs(estimate - count) / (double) count);
        }
      }
      Collections.sort(each);
      return new Estimates(estimated / (double) counted - 1, each);
    }

    private double within(double error) {
      return each.stream().filter(it -> it <= error).count() / (double) each.size();
    }

    @Override
    public String toString() {
      return "%,d were estimated when their clients left, together %+.1f %% off, %.0f %% of them within 10 %% and %.0f %% within 20 %%"
          .formatted(each.size(), 100 * together, 100 * within(MAX_ESTIMATE_ERROR), 100 * within(2 * MAX_ESTIMATE_ERROR));
    }
  }

  private List<JsonNode> records(String replica) throws IOException, InterruptedException {
    List<JsonNode> records = new ArrayList<>();
    String after = "";
    do {
      JsonNode page = JSON.readTree(text("%s/api/calls?limit=%d%s".formatted(replica, PAGE, after)));
      page.path("data").forEach(records::add);
      after = page.path("next").isString() ? "&after=" + page.path("next").asString() : "";
    } while (!after.isEmpty());
    return records;
  }

  private String text(String url) throws IOException, InterruptedException {
    HttpResponse<String> response = http.send(request(url).build(), BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException("%s: %d %s".formatted(url, response.statusCode(), response.body()));
    }
    return response.body();
  }
}
