package dev.agentlab.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A response of the service in server-sent events, which may not have started yet. One thread
/// reads it; any thread may close it, which closes the connection.
final class EventStream implements AutoCloseable {
  private final CompletableFuture<HttpResponse<InputStream>> response;
  private final Function<RawResponse, ApiResponse> responseParser;
  private final Function<IOException, CommandFailure> unreachable;
  private volatile boolean closed;
  private @Nullable BufferedReader lines;

  /// A server-sent event.
  ///
  /// @param name the event type, `message` by default
  record Event(String name, String data) {}

  /// @param response the pending response
  /// @param parser parses a response that is not a stream
  /// @param unreachable creates the failure for a request without a response
  EventStream(
      CompletableFuture<HttpResponse<InputStream>> response,
      Function<RawResponse, ApiResponse> parser,
      Function<IOException, CommandFailure> unreachable) {
    this.response = response;
    responseParser = parser;
    this.unreachable = unreachable;
  }

  /// Waits for the header of the response. Empty if the stream is closed before.
  ///
  /// @throws CommandFailure if the response is not a stream of events
  Optional<HttpHeaders> awaitHeaders() {
    try {
      HttpResponse<InputStream> started = response.get();
      String type = started.headers().firstValue("Content-Type").orElse("");
      if (started.statusCode() != 200 || !type.startsWith("text/event-stream")) {
        RawResponse other =
            new RawResponse(
                started.uri(),
                started.statusCode(),
                started.headers()::firstValue,
                new String(started.body().readAllBytes(), StandardCharsets.UTF_8));
        var _ = responseParser.apply(other);
        throw ApiResponse.unexpectedResponse(other);
      }
      lines = new BufferedReader(new InputStreamReader(started.body(), StandardCharsets.UTF_8));
      return Optional.of(started.headers());
    } catch (CancellationException _) {
      return Optional.empty();
    } catch (ExecutionException e) {
      return connectionLost(
          e.getCause() instanceof IOException io ? io : new IOException(e.getCause()));
    } catch (IOException e) {
      return connectionLost(e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.FAILURE, "interrupted");
    }
  }

  private Optional<HttpHeaders> connectionLost(IOException e) {
    if (closed) {
      return Optional.empty();
    }
    throw unreachable.apply(e);
  }

  /// Waits for the next event. Empty at the end of the stream and after it is closed.
  /// [#awaitHeaders] must be called first.
  ///
  /// @throws CommandFailure if the connection is lost
  Optional<Event> next() {
    try {
      return lines == null ? Optional.empty() : read(lines);
    } catch (IOException e) {
      if (closed) {
        return Optional.empty();
      }
      throw new CommandFailure(
          ExitCode.UNREACHABLE, "the connection to agent-lab was lost during the response");
    }
  }

  private static Optional<Event> read(BufferedReader lines) throws IOException {
    String name = "";
    StringBuilder data = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      int colon = line.indexOf(':');
      String field = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? "" : line.substring(colon + 1).replaceFirst("^ ", "");
      switch (field) {
        case "event" -> name = value;
        case "data" -> data.append(value).append('\n');
        default -> {
          if (line.isEmpty() && !data.isEmpty()) {
            data.setLength(data.length() - 1);
            return Optional.of(new Event(name.isEmpty() ? "message" : name, data.toString()));
          }
          // A block without data is not an event; its name does not apply to the next event.
          name = line.isEmpty() ? "" : name;
        }
      }
    }
    return Optional.empty();
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    if (!response.cancel(true) && !response.isCompletedExceptionally()) {
      try {
        response.join().body().close();
      } catch (IOException _) {
        // The response is abandoned either way.
      }
    }
  }
}
