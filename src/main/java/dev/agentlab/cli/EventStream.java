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
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// An answer of the service in server-sent events, from the moment it is asked for. One thread
/// reads it; any may close it, which hangs up.
final class EventStream implements AutoCloseable {
  private final CompletableFuture<HttpResponse<InputStream>> response;
  private final BiFunction<HttpResponse<?>, String, ApiAnswer> answer;
  private final Function<IOException, CommandFailure> unreachable;
  private volatile boolean closed;
  private @Nullable BufferedReader lines;

  /// One event.
  ///
  /// @param name `message` unless it says otherwise
  record Event(String name, String data) {}

  /// @param response under way
  /// @param answer what it says if it is no stream
  /// @param unreachable what it means if none comes
  EventStream(
      CompletableFuture<HttpResponse<InputStream>> response,
      BiFunction<HttpResponse<?>, String, ApiAnswer> answer,
      Function<IOException, CommandFailure> unreachable) {
    this.response = response;
    this.answer = answer;
    this.unreachable = unreachable;
  }

  /// The header fields of the answer, once it begins; empty if the stream is closed before.
  ///
  /// @throws Failure if the answer is no stream of events
  Optional<HttpHeaders> head() {
    try {
      HttpResponse<InputStream> begun = response.get();
      String type = begun.headers().firstValue("Content-Type").orElse("");
      if (begun.statusCode() != 200 || !type.startsWith("text/event-stream")) {
        var _ =
            answer.apply(begun, new String(begun.body().readAllBytes(), StandardCharsets.UTF_8));
        throw ApiAnswer.notOurs(begun);
      }
      lines = new BufferedReader(new InputStreamReader(begun.body(), StandardCharsets.UTF_8));
      return Optional.of(begun.headers());
    } catch (CancellationException _) {
      return Optional.empty();
    } catch (ExecutionException e) {
      return broken(e.getCause() instanceof IOException io ? io : new IOException(e.getCause()));
    } catch (IOException e) {
      return broken(e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.FAILURE, "interrupted");
    }
  }

  private Optional<HttpHeaders> broken(IOException e) {
    if (closed) {
      return Optional.empty();
    }
    throw unreachable.apply(e);
  }

  /// The next event, when it comes; empty at the end, or once the stream is closed. Call it after
  /// [#head].
  ///
  /// @throws Failure if the connection breaks
  Optional<Event> next() {
    try {
      return lines == null ? Optional.empty() : read(lines);
    } catch (IOException e) {
      if (closed) {
        return Optional.empty();
      }
      throw new CommandFailure(
          ExitCode.UNREACHABLE,
          "the connection to agent-lab broke off in the middle of the answer");
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
          // What has no data is no event, and what it is called is not the next one's name.
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
        // It is given up either way.
      }
    }
  }
}
