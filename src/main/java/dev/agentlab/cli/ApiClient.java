package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import tools.jackson.databind.JsonNode;

/// The service's HTTP API as a caller uses it. Every failure is a [CommandFailure] that says in
/// words what went wrong.
final class ApiClient implements AutoCloseable {
  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);

  /// Longer than the slowest probe.
  private static final Duration ANSWER_WITHIN = Duration.ofMinutes(2);

  private final ServiceAddress base;
  private final ClientCredential credential;
  private final HttpClient http;

  /// A client of the service at an address.
  ///
  /// @param credential shown with every call to the API
  /// @param tls in place of the platform's rules
  ApiClient(ServiceAddress base, ClientCredential credential, Optional<SSLContext> tls) {
    this.base = base;
    this.credential = credential;
    HttpClient.Builder client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT_WITHIN);
    tls.ifPresent(client::sslContext);
    http = client.build();
  }

  /// Ends the connections. An exit of the JVM waits a while for a client that is still open.
  @Override
  public void close() {
    http.shutdownNow();
    http.close();
  }

  /// The address of the service.
  ServiceAddress base() {
    return base;
  }

  /// What it shows the service.
  ClientCredential credential() {
    return credential;
  }

  /// The parameters in the form of a query: empty, or `?a=b&c=d`.
  static String query(Map<String, String> parameters) {
    return parameters.isEmpty()
        ? ""
        : parameters.entrySet().stream()
            .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&", "?", ""));
  }

  /// A text as one segment of a path.
  static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  ApiAnswer get(String path) {
    return answer(send(request(path).GET()));
  }

  /// The response of a path that is open to all, whatever its status. No key is shown.
  HttpResponse<String> withoutKey(String path) {
    return send(open(path).GET());
  }

  ApiAnswer post(String path, JsonNode body) {
    return answer(send(request(path, body).POST(json(body))));
  }

  /// Posts something that may take long to answer.
  ApiAnswer post(String path, JsonNode body, Duration within) {
    return answer(send(request(path, body).POST(json(body)), within));
  }

  /// Posts about what has not changed since it was read.
  ///
  /// @param etag the version read
  ApiAnswer post(String path, Optional<String> etag) {
    HttpRequest.Builder request = request(path).POST(BodyPublishers.noBody());
    etag.ifPresent(version -> request.header("If-Match", version));
    return answer(send(request));
  }

  /// Posts something whose answer comes in events, and does not wait for it.
  EventStream stream(String path, JsonNode body) {
    HttpRequest request =
        request(path, body).setHeader("Accept", "text/event-stream").POST(json(body)).build();
    return new EventStream(
        http.sendAsync(request, BodyHandlers.ofInputStream()), this::answer, this::unreachable);
  }

  /// Posts something to be made. It is made once even if the connection breaks before the answer
  /// arrives and the request is sent again.
  ApiAnswer create(String path, JsonNode body) {
    HttpRequest.Builder request =
        request(path, body)
            .header("Idempotency-Key", UUID.randomUUID().toString())
            .POST(json(body));
    try {
      return answer(exchange(request.build(), ANSWER_WITHIN));
    } catch (ConnectException e) {
      throw unreachable(e);
    } catch (IOException _) {
      return answer(send(request));
    }
  }

  /// Replaces what has not changed since it was read.
  ///
  /// @param etag the version read
  ApiAnswer put(String path, JsonNode body, Optional<String> etag) {
    HttpRequest.Builder request = request(path, body).PUT(json(body));
    etag.ifPresent(version -> request.header("If-Match", version));
    return answer(send(request));
  }

  /// Deletes what has not changed since it was read.
  ///
  /// @param etag the version read
  void delete(String path, Optional<String> etag) {
    HttpRequest.Builder request = request(path).DELETE();
    etag.ifPresent(version -> request.header("If-Match", version));
    answer(send(request));
  }

  private HttpRequest.Builder open(String path) {
    return HttpRequest.newBuilder(URI.create(base + path)).header("Accept", "application/json");
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = open(path);
    return credential instanceof ClientCredential.Shown shown
        ? request.header("Authorization", "Bearer " + shown.value().reveal())
        : request;
  }

  private HttpRequest.Builder request(String path, JsonNode body) {
    HttpRequest.Builder request = request(path);
    return body.isMissingNode() ? request : request.header("Content-Type", "application/json");
  }

  private static HttpRequest.BodyPublisher json(JsonNode body) {
    return body.isMissingNode()
        ? BodyPublishers.noBody()
        : BodyPublishers.ofString(Json.MAPPER.writeValueAsString(body));
  }

  private ApiAnswer answer(HttpResponse<String> response) {
    return answer(response, response.body());
  }

  private ApiAnswer answer(HttpResponse<?> response, String text) {
    return ApiAnswer.of(response, credential.hiddenIn(text), credential);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    return send(request, ANSWER_WITHIN);
  }

  private HttpResponse<String> send(HttpRequest.Builder request, Duration within) {
    try {
      return exchange(request.build(), within);
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private HttpResponse<String> exchange(HttpRequest request, Duration within) throws IOException {
    // The client's own limit ends with the headers; this one bounds the body too.
    var answer = http.sendAsync(request, BodyHandlers.ofString());
    try {
      return answer.get(within.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (TimeoutException _) {
      answer.cancel(true);
      throw new CommandFailure(
          ExitCode.UNREACHABLE,
          "agent-lab at %s has not answered within %d s".formatted(base, within.toSeconds()));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.FAILURE, "interrupted");
    }
  }

  private CommandFailure unreachable(IOException e) {
    if (e instanceof SSLException) {
      return new CommandFailure(
          ExitCode.UNREACHABLE,
          "no trusted connection to %s: %s\nto trust an authority of your own, name its certificate with --ca-file PEM"
              .formatted(base, reason(e)));
    }
    String why = e instanceof ConnectException ? "" : " (%s)".formatted(reason(e));
    return new CommandFailure(
        ExitCode.UNREACHABLE,
        "agent-lab does not answer at %s%s; start it with `./agent-lab serve`, or name another address with --url or AGENT_LAB_URL"
            .formatted(base, why));
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
