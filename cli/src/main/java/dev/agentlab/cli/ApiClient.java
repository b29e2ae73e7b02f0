package dev.agentlab.cli;

import dev.agentlab.json.Json;
import dev.agentlab.net.PercentEncoding;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A client of the service's HTTP API. Errors are thrown as a [CommandFailure] with a message for
/// the user.
///
/// Requests use `HttpURLConnection`, because creating a `java.net.http.HttpClient` takes longer
/// than most commands. Streams use the latter, because only it can cancel a read.
final class ApiClient implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /// More than the slowest probe takes.
  private static final Duration RESPONSE_TIMEOUT = Duration.ofMinutes(2);

  static {
    // By default a POST request is sent again if the connection fails.
    System.setProperty("sun.net.http.retryPost", "false");
    // Nor is any other request sent again, as would be on a reused connection.
    System.setProperty("http.keepAlive", "false");
  }

  private final ServiceAddress base;
  private final ClientCredential credential;
  private final Optional<SSLContext> tls;
  private @Nullable HttpClient streams;

  /// A request.
  ///
  /// @param body the body; a missing node for none
  private record Request(String method, String path, Map<String, String> headers, JsonNode body) {
    Request withHeader(String name, String value) {
      Map<String, String> extended = new LinkedHashMap<>(headers);
      extended.put(name, value);
      return new Request(method, path, extended, body);
    }

    Request forVersion(Optional<String> etag) {
      return etag.map(version -> withHeader("If-Match", version)).orElse(this);
    }
  }

  /// Creates a client of the service at an address.
  ///
  /// @param credential sent with every request, except for those of [#getUnauthenticated]
  /// @param tls replaces the TLS context of the platform
  ApiClient(ServiceAddress base, ClientCredential credential, Optional<SSLContext> tls) {
    this.base = base;
    this.credential = credential;
    this.tls = tls;
  }

  /// Loads and initializes what every request needs, which the first one does otherwise.
  static void initialize() {
    var _ = Json.MAPPER.readTree("{}");
    try {
      var _ = URI.create("http://localhost").toURL().openConnection();
    } catch (IOException _) {
      // A request reports it.
    }
  }

  /// Closes the connections of streams. While one is open, the exit of the JVM is delayed.
  @Override
  public void close() {
    if (streams != null) {
      streams.shutdownNow();
      streams.close();
    }
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
    return parse(send(request("GET", path, Json.MAPPER.missingNode()), RESPONSE_TIMEOUT));
  }

  /// The response, with any status, of a path that needs no authentication. Sends no credential.
  RawResponse getUnauthenticated(String path) {
    return send(
        new Request("GET", path, Map.of("Accept", "application/json"), Json.MAPPER.missingNode()),
        RESPONSE_TIMEOUT);
  }

  ApiResponse post(String path, JsonNode body) {
    return post(path, body, RESPONSE_TIMEOUT);
  }

  /// Sends a POST request with a timeout of its own.
  ///
  /// @param within the timeout
  ApiResponse post(String path, JsonNode body, Duration within) {
    return parse(send(request("POST", path, body), within));
  }

  /// Sends a POST request and returns the response with any status.
  ///
  /// @param key replaces the credential of this client
  RawResponse postForAnyStatus(String path, JsonNode body, Optional<String> key) {
    Request request = request("POST", path, body);
    return send(
        key.map(it -> request.withHeader("Authorization", "Bearer " + it)).orElse(request),
        RESPONSE_TIMEOUT);
  }

  /// Sends a POST request without a body for an unchanged resource.
  ///
  /// @param etag the version that the resource must have
  ApiResponse post(String path, Optional<String> etag) {
    return parse(
        send(request("POST", path, Json.MAPPER.missingNode()).forVersion(etag), RESPONSE_TIMEOUT));
  }

  /// Sends a POST request whose response is a stream of events. Does not wait for the response.
  EventStream stream(String path, JsonNode body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .POST(BodyPublishers.ofString(Json.MAPPER.writeValueAsString(body)));
    request("POST", path, body)
        .withHeader("Accept", "text/event-stream")
        .headers()
        .forEach(request::header);
    return new EventStream(
        streams().sendAsync(request.build(), BodyHandlers.ofInputStream()),
        this::parse,
        this::unreachable);
  }

  /// Creates a resource. An idempotency key ensures that it is created only once, although the
  /// request is retried if the connection fails before the response arrives.
  ApiResponse create(String path, JsonNode body) {
    Request request =
        request("POST", path, body).withHeader("Idempotency-Key", UUID.randomUUID().toString());
    try {
      return parse(exchange(request, RESPONSE_TIMEOUT));
    } catch (ConnectException e) {
      throw unreachable(e);
    } catch (IOException _) {
      return parse(send(request, RESPONSE_TIMEOUT));
    }
  }

  /// Replaces an unchanged resource.
  ///
  /// @param etag the version that the resource must have
  ApiResponse put(String path, JsonNode body, Optional<String> etag) {
    return parse(send(request("PUT", path, body).forVersion(etag), RESPONSE_TIMEOUT));
  }

  /// Deletes an unchanged resource.
  ///
  /// @param etag the version that the resource must have
  void delete(String path, Optional<String> etag) {
    Request request = request("DELETE", path, Json.MAPPER.missingNode());
    parse(send(request.forVersion(etag), RESPONSE_TIMEOUT));
  }

  private Request request(String method, String path, JsonNode body) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Accept", "application/json");
    if (credential instanceof ClientCredential.Present present) {
      headers.put("Authorization", "Bearer " + present.value());
    }
    if (!body.isMissingNode()) {
      headers.put("Content-Type", "application/json");
    }
    return new Request(method, path, headers, body);
  }

  private ApiResponse parse(RawResponse response) {
    return ApiResponse.parse(
        new RawResponse(
            response.uri(),
            response.status(),
            response.header(),
            credential.redact(response.body())),
        credential);
  }

  private HttpClient streams() {
    if (streams == null) {
      HttpClient.Builder client =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .connectTimeout(CONNECT_TIMEOUT);
      tls.ifPresent(client::sslContext);
      streams = client.build();
    }
    return streams;
  }

  private RawResponse send(Request request, Duration within) {
    try {
      return exchange(request, within);
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  /// Sends a request once.
  ///
  /// @param within the time without a byte of the response after which it is given up
  private RawResponse exchange(Request request, Duration within) throws IOException {
    URI uri = URI.create(base + request.path());
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setRequestMethod(request.method());
    connection.setConnectTimeout((int) CONNECT_TIMEOUT.toMillis());
    connection.setReadTimeout((int) within.toMillis());
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    request.headers().forEach(connection::setRequestProperty);
    if (connection instanceof HttpsURLConnection secure) {
      tls.ifPresent(it -> secure.setSSLSocketFactory(it.getSocketFactory()));
    }
    try {
      if (!request.body().isMissingNode()) {
        connection.setDoOutput(true);
        try (OutputStream out = connection.getOutputStream()) {
          out.write(Json.MAPPER.writeValueAsBytes(request.body()));
        }
      }
      int status = connection.getResponseCode();
      return new RawResponse(
          uri,
          status,
          name -> Optional.ofNullable(connection.getHeaderField(name)),
          readBody(connection, status));
    } catch (SocketTimeoutException e) {
      if ("Connect timed out".equals(e.getMessage())) {
        throw e;
      }
      throw new CommandFailure(
          ExitCode.UNREACHABLE,
          "agent-lab at %s did not respond within %d s".formatted(base, within.toSeconds()));
    }
  }

  private static String readBody(HttpURLConnection connection, int status) throws IOException {
    // The stream is null if an error has no body.
    InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream();
    if (body == null) {
      return "";
    }
    try (body) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
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
