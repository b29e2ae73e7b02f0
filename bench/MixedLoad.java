import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Callers that each repeat a random operation; prints the number of each response and exits with 1 if one was unexpected. */
final class MixedLoad {
  private static final int CALLERS = 16;
  private static final int MAX_PAUSE_MILLIS = 40;
  private static final int MAX_REPORTS = 20;
  private static final Duration ROTATION_INTERVAL = Duration.ofSeconds(20);
  private static final Duration VERIFICATION_INTERVAL = Duration.ofSeconds(30);

  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Map<String, LongAdder> responses = new ConcurrentSkipListMap<>();
  private final AtomicLong unexpected = new AtomicLong();
  private final AtomicLong nextRotation = new AtomicLong(System.nanoTime());
  private final AtomicLong nextVerification = new AtomicLong(System.nanoTime());
  private final String service;
  private final String upstream;
  private final String key;
  private final String agent;
  private final List<Operation> operations =
      List.of(
          this::changeProvider,
          this::changeAgent,
          this::changeKey,
          this::chat,
          this::chat,
          this::stream,
          this::stream,
          this::disconnect,
          this::callFaultyProvider,
          this::list,
          this::readAudit,
          this::rotateSecrets);
  private String faultyAgent = "";

  private interface Operation {
    void run() throws IOException, InterruptedException;
  }

  private MixedLoad(int service, int upstream, String key, String agent) {
    this.service = "http://127.0.0.1:" + service;
    this.upstream = "http://127.0.0.1:" + upstream;
    this.key = key;
    this.agent = agent;
  }

  /** Arguments: port of the service, port of the provider, key, agent's id, seconds. */
  public static void main(String[] args) throws Exception {
    MixedLoad load =
        new MixedLoad(Integer.parseInt(args[0]), Integer.parseInt(args[1]), args[2], args[3]);
    load.run(Duration.ofSeconds(Long.parseLong(args[4])));
    load.responses.forEach((response, number) -> System.out.printf("%9d %s%n", number.sum(), response));
    System.out.println("unexpected: " + load.unexpected);
    System.exit(load.unexpected.get() == 0 ? 0 : 1);
  }

  private void run(Duration duration) throws IOException, InterruptedException {
    String faulty = unique();
    call("create provider", "POST", "/api/providers", provider(faulty, "/faulty/v1"), 201);
    faultyAgent = id(call("create agent", "POST", "/api/agents", agent(unique(), faulty, "m"), 201));
    long end = System.nanoTime() + duration.toNanos();
    List<Thread> callers =
        IntStream.range(0, CALLERS)
            .mapToObj(_ -> Thread.ofVirtual().start(() -> repeat(end)))
            .toList();
    for (Thread caller : callers) {
      caller.join();
    }
    call("delete agent", "DELETE", "/api/agents/" + faultyAgent, "", 204);
    call("delete provider", "DELETE", "/api/providers/" + faulty, "", 204);
  }

  private void repeat(long end) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    while (System.nanoTime() < end) {
      try {
        operations.get(random.nextInt(operations.size())).run();
        Thread.sleep(random.nextInt(MAX_PAUSE_MILLIS));
      } catch (IOException | RuntimeException e) {
        report(e.toString());
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void changeProvider() throws IOException, InterruptedException {
    String name = unique();
    String path =
        "/api/providers/"
            + id(call("create provider", "POST", "/api/providers", provider(name, "/v1"), 201));
    call("read provider", "GET", path, "", 200);
    call("replace provider", "PUT", path, provider(name, "/other/v1"), 200);
    call("delete provider", "DELETE", path, "", 204);
  }

  private void changeAgent() throws IOException, InterruptedException {
    String provider = unique();
    String name = unique();
    call("create provider", "POST", "/api/providers", provider(provider, "/v1"), 201);
    String path =
        "/api/agents/"
            + id(call("create agent", "POST", "/api/agents", agent(name, provider, "m"), 201));
    call("chat", "POST", path + "/chat", prompt(10), 200);
    call("replace agent", "PUT", path, agent(name, provider, "n"), 200);
    call("chat", "POST", path + "/chat", prompt(10), 200);
    call("list revisions", "GET", path + "/revisions", "", 200);
    call("restore revision", "POST", path + "/revisions/1/restore", "{}", 200);
    call("delete agent", "DELETE", path, "", 204);
    call("delete provider", "DELETE", "/api/providers/" + provider, "", 204);
  }

  private void changeKey() throws IOException, InterruptedException {
    String input =
        "{\"name\": \"%s\", \"scopes\": [\"invoke:%s\"]}".formatted(unique(), agent);
    JsonNode created = call("create key", "POST", "/api/keys", input, 201);
    callAs(created.path("key").asString(), "chat", "POST", "/api/agents/" + agent + "/chat", prompt(10), 200);
    JsonNode rotated =
        call("rotate key", "POST", "/api/keys/" + id(created) + "/rotate", "{\"overlap\": \"1s\"}", 200);
    callAs(rotated.path("key").asString(), "get caller", "GET", "/api/keys/self", "", 200);
    call("revoke key", "DELETE", "/api/keys/" + id(rotated), "", 204);
  }

  private void chat() throws IOException, InterruptedException {
    int words = ThreadLocalRandom.current().nextInt(20) == 0 ? 100_000 : 50;
    call("chat", "POST", "/api/agents/" + agent + "/chat", prompt(words), 200);
  }

  private void stream() throws IOException, InterruptedException {
    HttpResponse<InputStream> response = openStream(agent);
    try (InputStream body = response.body()) {
      String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
      if (count("stream", response.statusCode(), text, 200) && !text.endsWith("data: [DONE]\n\n")) {
        report("incomplete stream: " + text);
      }
    }
  }

  private void disconnect() throws IOException, InterruptedException {
    HttpResponse<InputStream> response = openStream(agent);
    try (InputStream body = response.body()) {
      byte[] begin = body.readNBytes(ThreadLocalRandom.current().nextInt(2_000));
      count("disconnect", response.statusCode(), new String(begin, StandardCharsets.UTF_8), 200);
    }
  }

  private void callFaultyProvider() throws IOException, InterruptedException {
    String path = "/api/agents/" + faultyAgent + "/chat";
    call("chat with a faulty provider", "POST", path, prompt(10), 200, 502, 503, 504);
    HttpResponse<InputStream> response = openStream(faultyAgent);
    try (InputStream body = response.body()) {
      String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
      if (count("stream of a faulty provider", response.statusCode(), text, 200, 502, 503, 504)
          && response.statusCode() == 200
          && text.endsWith("data: [DONE]\n\n") == text.contains("event: error\n")) {
        report("stream without an end: " + text);
      }
    }
  }

  private void list() throws IOException, InterruptedException {
    call("list providers", "GET", "/api/providers?search=load&sort=name,-created_at&page_size=10", "", 200);
    call("list agents", "GET", "/api/agents?page=1&page_size=10", "", 200);
    call("list keys", "GET", "/api/keys?page=1&page_size=50", "", 200);
    call("read metrics", "GET", "/metrics", "", 200);
  }

  private void readAudit() throws IOException, InterruptedException {
    int page = 1 + ThreadLocalRandom.current().nextInt(20);
    call("list audit events", "GET", "/api/audit?page_size=50&page=" + page, "", 200);
    call("list audit events", "GET", "/api/audit?kind=key&action=key.rotated", "", 200);
    if (isDue(nextVerification, VERIFICATION_INTERVAL)) {
      JsonNode report = call("verify audit trail", "POST", "/api/audit/verify", "{}", 200);
      if (!report.path("intact").asBoolean()) {
        report("broken audit trail: " + report);
      }
    }
  }

  private void rotateSecrets() throws IOException, InterruptedException {
    if (isDue(nextRotation, ROTATION_INTERVAL)) {
      call("rotate key-encryption key", "POST", "/api/secrets/rotate", "", 200);
    }
  }

  private static boolean isDue(AtomicLong next, Duration interval) {
    long due = next.get();
    return System.nanoTime() >= due && next.compareAndSet(due, System.nanoTime() + interval.toNanos());
  }

  private HttpResponse<InputStream> openStream(String agent) throws IOException, InterruptedException {
    return http.send(
        request(key, "POST", "/api/agents/" + agent + "/chat/stream", prompt(20)),
        BodyHandlers.ofInputStream());
  }

  private JsonNode call(String operation, String method, String path, String body, int... expected)
      throws IOException, InterruptedException {
    return callAs(key, operation, method, path, body, expected);
  }

  private JsonNode callAs(
      String credential, String operation, String method, String path, String body, int... expected)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(request(credential, method, path, body), BodyHandlers.ofString());
    boolean json = response.headers().firstValue("Content-Type").orElse("").contains("json");
    if (!count(operation, response.statusCode(), response.body(), expected)) {
      throw new IOException("%s %s: %d".formatted(method, path, response.statusCode()));
    }
    return JsonMapper.shared().readTree(json ? response.body() : "{}");
  }

  private HttpRequest request(String credential, String method, String path, String body) {
    return HttpRequest.newBuilder(URI.create(service + path))
        .timeout(Duration.ofMinutes(1))
        .header("Authorization", "Bearer " + credential)
        .header("Content-Type", "application/json")
        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
        .build();
  }

  private boolean count(String operation, int status, String body, int... expected) {
    responses.computeIfAbsent(operation + " " + status, _ -> new LongAdder()).increment();
    boolean isExpected = Arrays.stream(expected).anyMatch(it -> it == status);
    if (!isExpected) {
      report("%s: %d %s".formatted(operation, status, body));
    }
    return isExpected;
  }

  private void report(String what) {
    if (unexpected.getAndIncrement() < MAX_REPORTS) {
      System.err.println(what);
    }
  }

  private static String unique() {
    return "load-" + UUID.randomUUID();
  }

  private static String id(JsonNode object) {
    return object.path("id").asString();
  }

  private String provider(String name, String path) {
    return """
    {"name": "%s", "config": {"name": "openai-compatible", "base_url": "%s%s",
     "options": {"auth_type": "bearer", "token": "secret of %s"}}}"""
        .formatted(name, upstream, path, name);
  }

  private static String agent(String name, String provider, String model) {
    return """
    {"name": "%s", "config": {"provider": "%s", "model": {"name": "%s"}, "client": {
     "timeout": "2s", "retry": {"max_retries": 1, "initial_backoff": "10ms", "max_backoff": "100ms"}}}}"""
        .formatted(name, provider, model);
  }

  private static String prompt(int words) {
    return "{\"prompt\": \"%s\"}".formatted("word ".repeat(words));
  }
}
