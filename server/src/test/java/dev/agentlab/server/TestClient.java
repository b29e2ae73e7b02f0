package dev.agentlab.server;

import dev.agentlab.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// A client of the API over a real socket.
///
/// @param base the URL of the service
/// @param inspect receives every response, to validate it against the API description
/// @param key the key of each request without its own credential
public record TestClient(
    URI base, HttpClient http, Consumer<HttpResponse<String>> inspect, Optional<String> key) {

  private static final List<String> CREDENTIALS = List.of("Authorization", "X-Api-Key");

  /// A response.
  public record Answer(HttpResponse<String> response) {
    public int status() {
      return response.statusCode();
    }

    public String text() {
      return response.body();
    }

    public JsonNode json() {
      return Json.MAPPER.readTree(response.body());
    }

    public String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }
  }

  public static TestClient of(URI base) {
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    return new TestClient(base, http, _ -> {}, Optional.empty());
  }

  /// Returns a copy with another key.
  public TestClient as(String other) {
    return new TestClient(base, http, inspect, Optional.of(other));
  }

  /// Returns a copy without a key.
  public TestClient withoutKey() {
    return new TestClient(base, http, inspect, Optional.empty());
  }

  public Answer get(String path, String... headers) {
    return send("GET", path, BodyPublishers.noBody(), headers);
  }

  public Answer post(String path, String json, String... headers) {
    return send("POST", path, BodyPublishers.ofString(json), headers);
  }

  /// Sends a body that is not JSON.
  public Answer post(String path, byte[] body, String contentType) {
    return send("POST", path, BodyPublishers.ofByteArray(body), "Content-Type", contentType);
  }

  public Answer put(String path, String json, String... headers) {
    return send("PUT", path, BodyPublishers.ofString(json), headers);
  }

  public Answer patch(String path, String json, String... headers) {
    return send("PATCH", path, BodyPublishers.ofString(json), headers);
  }

  public Answer delete(String path, String... headers) {
    return send("DELETE", path, BodyPublishers.noBody(), headers);
  }

  private Answer send(String method, String path, BodyPublisher body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path))
            .method(method, body)
            .timeout(Duration.ofSeconds(30));
    if (body.contentLength() != 0 && !List.of(headers).contains("Content-Type")) {
      request.header("Content-Type", "application/json");
    }
    if (key.isPresent() && Collections.disjoint(List.of(headers), CREDENTIALS)) {
      request.header("Authorization", "Bearer " + key.get());
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
      inspect.accept(response);
      return new Answer(response);
    } catch (IOException e) {
      throw new IllegalStateException("%s %s: no response".formatted(method, path), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
