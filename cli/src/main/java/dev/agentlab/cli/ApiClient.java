package dev.agentlab.cli;

import dev.agentlab.json.Json;
import dev.agentlab.net.PercentEncoding;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
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

/// A client of the service's HTTP API. Errors are thrown as a [CommandFailure] with a message for
/// the user.
final class ApiClient implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /// More than the slowest probe takes.
  private static final Duration RESPONSE_TIMEOUT = Duration.ofMinutes(2);

  private final ServiceAddress base;
  private final ClientCredential credential;
  private final HttpClient http;

  /// Creates a client of the service at an address.
  ///
  /// @param credential sent with every request, except for those of [#getUnauthenticated]
  /// @param tls replaces the TLS context of the platform
  ApiClient(ServiceAddress base, ClientCredential credential, Optional<SSLContext> tls) {
    this.base = base;
    this.credential = credential;
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT);
    tls.ifPresent(client::sslContext);
    http = client.build();
  }

  /// Closes the connections. While a client is open, the exit of the JVM is delayed.
  @Override
  public void close() {
    http.shutdownNow();
    http.close();
  }

  /// The address of the service.
  ServiceAddress base() {
    return base;
  }

  /// The credential that is sent with requests.
  ClientCredential credential() {
    return credential;
  }

  /// Encodes parameters as a query string such as `?a=b&c=d`; empty without parameters.
  static String query(Map<String, String> parameters) {
    return parameters.isEmpty()
        ? ""
        : parameters.entrySet().stream()
            .map(e -> e.getKey() + "=" + PercentEncoding.encode(e.getValue()))
            .collect(Collectors.joining("&", "?", ""));
  }

  ApiResponse get(String path) {
    return parse(send(request(path).GET()));
  }

  /// The response, with any status, of a path that needs no authentication. Sends no credential.
  HttpResponse<String> getUnauthenticated(String path) {
    return send(unauthenticatedRequest(path).GET());
  }

  ApiResponse post(String path, JsonNode body) {
    return parse(send(request(path, body).POST(json(body))));
  }

  /// Sends a POST request with a timeout of its own.
  ///
  /// @param within the timeout
  ApiResponse post(String path, JsonNode body, Duration within) {
    return parse(send(request(path, body).POST(json(body)), within));
  }

  /// Sends a POST request without a body for an unchanged resource.
  ///
  /// @param etag the version that the resource must have
  ApiResponse post(String path, Optional<String> etag) {
    HttpRequest.Builder request = request(path).POST(BodyPublishers.noBody());
    etag.ifPresent(version -> request.header("If-Match", version));
    return parse(send(request));
  }

  /// Sends a POST request whose response is a stream of events. Does not wait for the response.
  EventStream stream(String path, JsonNode body) {
    HttpRequest request =
        request(path, body).setHeader("Accept", "text/event-stream").POST(json(body)).build();
    return new EventStream(
        http.sendAsync(request, BodyHandlers.ofInputStream()), this::parse, this::unreachable);
  }

  /// Creates a resource. An idempotency key ensures that it is created only once, although the
  /// request is retried if the connection fails before the response arrives.
  ApiResponse create(String path, JsonNode body) {
    HttpRequest.Builder request =
        request(path, body)
            .header("Idempotency-Key", UUID.randomUUID().toString())
            .POST(json(body));
    try {
      return parse(exchange(request.build(), RESPONSE_TIMEOUT));
    } catch (ConnectException e) {
      throw unreachable(e);
    } catch (IOException _) {
      return parse(send(request));
    }
  }

  /// Replaces an unchanged resource.
  ///
  /// @param etag the version that the resource must have
  ApiResponse put(String path, JsonNode body, Optional<String> etag) {
    HttpRequest.Builder request = request(path, body).PUT(json(body));
    etag.ifPresent(version -> request.header("If-Match", version));
    return parse(send(request));
  }

  /// Deletes an unchanged resource.
  ///
  /// @param etag the version that the resource must have
  void delete(String path, Optional<String> etag) {
    HttpRequest.Builder request = request(path).DELETE();
    etag.ifPresent(version -> request.header("If-Match", version));
    parse(send(request));
  }

  private HttpRequest.Builder unauthenticatedRequest(String path) {
    return HttpRequest.newBuilder(URI.create(base + path)).header("Accept", "application/json");
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = unauthenticatedRequest(path);
    return credential instanceof ClientCredential.Present present
        ? request.header("Authorization", "Bearer " + present.value())
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

  private ApiResponse parse(HttpResponse<String> response) {
    return parse(response, response.body());
  }

  private ApiResponse parse(HttpResponse<?> response, String text) {
    return ApiResponse.parse(response, credential.redact(text), credential);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    return send(request, RESPONSE_TIMEOUT);
  }

  private HttpResponse<String> send(HttpRequest.Builder request, Duration within) {
    try {
      return exchange(request.build(), within);
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private HttpResponse<String> exchange(HttpRequest request, Duration within) throws IOException {
    // The timeout of HttpRequest ends with the response headers; this one covers the body too.
    var response = http.sendAsync(request, BodyHandlers.ofString());
    try {
      return response.get(within.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (TimeoutException _) {
      response.cancel(true);
      throw new CommandFailure(
          ExitCode.UNREACHABLE,
          "agent-lab at %s did not respond within %d s".formatted(base, within.toSeconds()));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.FAILURE, "interrupted");
    }
  }

  private CommandFailure unreachable(IOException e) {
    if (e instanceof SSLException) {
      return new CommandFailure(
          ExitCode.UNREACHABLE,
          "TLS connection to %s failed: %s\nto trust your own certificate authority, pass its certificate with --ca-file PEM"
              .formatted(base, reason(e)));
    }
    String cause = e instanceof ConnectException ? "" : " (%s)".formatted(reason(e));
    return new CommandFailure(
        ExitCode.UNREACHABLE,
        "agent-lab is not reachable at %s%s; start it with `./agent-lab serve`, or pass another address with --url or AGENT_LAB_URL"
            .formatted(base, cause));
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
