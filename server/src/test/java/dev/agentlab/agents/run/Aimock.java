package dev.agentlab.agents.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.testing.LockedTools;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/// Mock providers of many kinds by a third party, [aimock](https://aimock.copilotkit.dev), in a
/// process of its own on a free port of the loopback interface. It accepts only [#KEY], sent as
/// each kind requires.
///
/// Needs node and npm; see [LockedTools].
final class Aimock implements AutoCloseable {
  static final String KEY = "sk-canary-0123456789abcdef";

  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private final Process process;
  private final URI url;
  private final HttpClient http = HttpClient.newHttpClient();

  private Aimock(Process process, URI url) {
    this.process = process;
    this.url = url;
  }

  static Aimock start() {
    try {
      return startProcess(LockedTools.node("aimock"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The URL of a path.
  String url(String path) {
    return url.resolve(path).toString();
  }

  /// Adds fixtures.
  ///
  /// @param fixtures JSON objects as its documentation describes them, with commas between them
  void addFixtures(String fixtures) {
    send("POST", "fixtures", "{\"fixtures\": [%s]}".formatted(fixtures));
  }

  /// Makes the next request fail.
  void failNextRequest(int status, String message) {
    send(
        "POST",
        "error",
        "{\"status\": %d, \"body\": {\"message\": \"%s\"}}".formatted(status, message));
  }

  /// The last request received, in the form of an OpenAI chat request.
  JsonNode lastRequest() {
    JsonNode journal = Json.MAPPER.readTree(send("GET", "journal", ""));
    return journal.get(journal.size() - 1).get("body");
  }

  @Override
  public void close() {
    http.close();
    process.destroy();
    process.onExit().completeOnTimeout(process, TIMEOUT.toSeconds(), TimeUnit.SECONDS).join();
    process.destroyForcibly();
  }

  private String send(String method, String what, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(url.resolve("/__aimock/" + what))
            .header("Authorization", "Bearer " + KEY)
            .method(method, BodyPublishers.ofString(body))
            .timeout(TIMEOUT)
            .build();
    try {
      HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return answer.body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Aimock startProcess(Path installed) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("node", "serve.mjs")
            .directory(installed.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("KEY", KEY);
    Process process = builder.start();
    BufferedReader out = process.inputReader();
    String url = out.readLine();
    if (url == null) {
      process.destroyForcibly();
      throw new IOException("aimock did not start");
    }
    return new Aimock(process, URI.create(url));
  }
}
