package dev.agentlab.http;

import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.security.Caller;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.MDC;

/// Writes the response to one request, complete or as a stream, and its access log line and
/// metrics.
final class ResponseWriter {
  /// The status in log and metrics if the client disconnected before the response.
  static final int CLIENT_CLOSED_REQUEST = 499;

  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("X-Request-Id");
  private static final String MDC_REQUEST_ID = "request_id";

  private final ServerContext context;
  private final EventLoop loop;
  private final HttpServerRequest request;
  private final RequestHead head;
  private final ConnectionMonitor connection;
  private final String clientAddress;
  private final String id;
  private final RequestCancellation clientDisconnect;
  private final LogFields logFields;
  private final long startTime = System.nanoTime();

  /// The caller, if known; not changed after another thread calls [#send].
  private Optional<Caller> caller = Optional.empty();

  /// Ends the watch of the credential; not changed after another thread calls [#send].
  private Runnable unwatch = () -> {};

  /// The writer of a streamed response; confined to the event loop.
  private Optional<BodyWriter> writer = Optional.empty();

  /// The content of a streamed response; confined to the event loop.
  private Optional<Response.Content.Streamed> streamed = Optional.empty();

  /// @param loop the event loop of the connection
  /// @param clientAddress the address of the client
  /// @param id the request id
  ResponseWriter(
      ServerContext context,
      EventLoop loop,
      HttpServerRequest request,
      RequestHead head,
      ConnectionMonitor connection,
      String clientAddress,
      String id,
      RequestCancellation clientDisconnect,
      LogFields logFields) {
    this.context = context;
    this.loop = loop;
    this.request = request;
    this.head = head;
    this.connection = connection;
    this.clientAddress = clientAddress;
    this.id = id;
    this.clientDisconnect = clientDisconnect;
    this.logFields = logFields;
  }

  /// Sets the caller. Must run on the event loop.
  void setCaller(Caller authenticated) {
    caller = Optional.of(authenticated);
  }

  /// Sets the action that ends the watch of the credential, which is run when the request ends.
  /// Must run on the event loop.
  void setUnwatch(Runnable action) {
    unwatch = action;
  }

  /// Sends the response, from any thread. The request ends with its last byte.
  ///
  /// @param endpoint the endpoint of the request, if a route matched
  /// @param failed creates the response for an unexpected error
  void send(
      EncodedResponse response,
      Optional<Endpoint> endpoint,
      Function<Throwable, EncodedResponse> failed) {
    boolean connected = clientDisconnect.markResponded();
    boolean isLarge = response.body().length > BodyWriter.MAX_WRITE_BYTES && !head.isHead();
    if (response.streamed().isPresent() || isLarge) {
      loop.execute(() -> stream(response, endpoint, connected, failed));
    } else {
      sendComplete(response, endpoint, connected, failed);
    }
  }

  private void sendComplete(
      EncodedResponse response,
      Optional<Endpoint> endpoint,
      boolean connected,
      Function<Throwable, EncodedResponse> failed) {
    try {
      int bytes = connected && !head.isHead() ? response.body().length : 0;
      logRequest(endpoint, connected ? response.status() : CLIENT_CLOSED_REQUEST, bytes);
      if (connected) {
        write(response, failed);
      }
    } finally {
      finish();
    }
  }

  private void finish() {
    unwatch.run();
    context.requestLimiter().end();
  }

  /// Cancels a stream because the client disconnected. Must run on the event loop.
  void cancel() {
    writer.ifPresent(BodyWriter::cancel);
  }

  /// Ends a stream because its credential is no longer valid. Must run on the event loop.
  void endStream(String detail) {
    streamed.ifPresent(content ->
        writer.ifPresent(it -> {
          logFields.recordStreamFailure(ProblemType.UNAUTHENTICATED);
          switch (content) {
            case Response.Content.Events events ->
                it.finish(events.unauthenticated().apply(detail));
            case Response.Content.Stream _ -> it.abort();
          }
        }));
  }

  private void write(EncodedResponse response, Function<Throwable, EncodedResponse> failed) {
    HttpServerResponse target = request.response();
    try {
      putHead(response);
    } catch (IllegalArgumentException e) {
      target.headers().clear();
      write(failed.apply(invalidHeader(e)), failed);
      return;
    }
    if (!mayHaveBody(response.status())) {
      // Without Content-Length, which in a 304 would be the length of the body of a 200.
      var _ = target.end();
    } else if (head.isHead()) {
      target.headers().set(HttpHeaders.CONTENT_LENGTH, Integer.toString(response.body().length));
      var _ = target.end();
    } else {
      MemoryBudget.Reservation memory = context.memory().open();
      memory.grow(response.body().length);
      target.end(Buffer.buffer(response.body())).onComplete(_ -> memory.close());
    }
  }

  /// @throws IllegalArgumentException if a header is invalid in HTTP
  private void putHead(EncodedResponse response) {
    HttpServerResponse target = request.response();
    MultiMap headers = target.headers();
    SecurityHeaders.add(headers, request.isSSL());
    headers.set(REQUEST_ID, id);
    response.putHeaders(headers);
    headers.set(HttpHeaders.DATE, context.httpDate().now());
    context.cors().ifPresent(cors -> cors.add(headers, request.getHeader(HttpHeaders.ORIGIN)));
    if (response.closesConnection() || context.requestLimiter().isClosing()) {
      headers.set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    target.setStatusCode(response.status());
  }

  /// Streams the response with back-pressure, on the event loop: streamed content, or a large body.
  private void stream(
      EncodedResponse response,
      Optional<Endpoint> endpoint,
      boolean connected,
      Function<Throwable, EncodedResponse> failed) {
    HttpServerResponse target = request.response();
    BodyWriter bodyWriter =
        new BodyWriter(
            loop,
            target,
            context.memory().open(),
            (end, bytes) -> onStreamEnd(end, bytes, response, endpoint));
    Optional<Response.Content.Streamed> content = response.streamed();
    if (connected && !target.closed()) {
      try {
        putHead(response);
      } catch (IllegalArgumentException e) {
        target.headers().clear();
        cancel(content);
        sendComplete(failed.apply(invalidHeader(e)), endpoint, true, failed);
        return;
      }
      putLength(response);
      writer = Optional.of(bodyWriter);
      streamed = content;
      bodyWriter.start(
          content
              .filter(Response.Content.Events.class::isInstance)
              .map(Response.Content.Events.class::cast)
              .map(events ->
                  new BodyWriter.KeepAlive(context.settings().heartbeat(), events.keepAlive())));
      content.ifPresentOrElse(
          it -> it.parts().subscribe(bodyWriter), () -> bodyWriter.writeComplete(response.body()));
    } else {
      content.ifPresentOrElse(it -> it.parts().subscribe(bodyWriter), bodyWriter::cancel);
    }
  }

  /// Puts the header fields that delimit a streamed body.
  private void putLength(EncodedResponse response) {
    HttpServerResponse target = request.response();
    OptionalLong length =
        switch (response.streamed().orElse(null)) {
          case null -> OptionalLong.of(response.body().length);
          case Response.Content.Stream stream -> stream.length();
          case Response.Content.Events _ -> OptionalLong.empty();
        };
    if (length.isPresent()) {
      target.headers().set(HttpHeaders.CONTENT_LENGTH, Long.toString(length.getAsLong()));
    } else if (mayHaveBody(response.status())) {
      target.setChunked(true);
    }
  }

  /// Whether a response with this status may have a body (RFC 9110, section 6.4.1).
  private static boolean mayHaveBody(int status) {
    return status != 204 && status != 304;
  }

  /// Cancels content that is not sent.
  private void cancel(Optional<Response.Content.Streamed> content) {
    BodyWriter unstarted =
        new BodyWriter(loop, request.response(), context.memory().open(), (_, _) -> {});
    content.ifPresent(it -> it.parts().subscribe(unstarted));
  }

  private static IllegalStateException invalidHeader(IllegalArgumentException cause) {
    return new IllegalStateException("invalid response header", cause);
  }

  private void onStreamEnd(
      BodyWriter.End end, long bytes, EncodedResponse response, Optional<Endpoint> endpoint) {
    writer = Optional.empty();
    try (MDC.MDCCloseable _ = MDC.putCloseable(MDC_REQUEST_ID, id)) {
      logRequest(endpoint, loggedStatus(end, response), bytes);
    } finally {
      finish();
    }
    if (end == BodyWriter.End.FAILED) {
      connection.abort();
    } else if (end == BodyWriter.End.COMPLETE && context.requestLimiter().isDraining()) {
      connection.closeWhenIdle(context.requestLimiter().quietTime());
    }
  }

  /// The status for log and metrics, which for a failed stream differs from the status that was
  /// sent.
  private int loggedStatus(BodyWriter.End end, EncodedResponse response) {
    return switch (end) {
      case COMPLETE ->
          response.status() >= 400
              ? response.status()
              : logFields.failedStatus().orElse(response.status());
      case FAILED -> logFields.failedStatus().orElse(ProblemType.INTERNAL_ERROR.status());
      case CANCELLED -> CLIENT_CLOSED_REQUEST;
    };
  }

  private void logRequest(Optional<Endpoint> endpoint, int status, long bytes) {
    long nanos = System.nanoTime() - startTime;
    context.metrics().recordDuration(head.loggedMethod(), endpoint, status, nanos);
    if (AccessLog.isLogged(endpoint)) {
      String uri = head.loggedUri(endpoint.map(Endpoint::queryNames).orElse(Set.of()));
      AccessLog.write(
          endpoint,
          head.loggedMethod(),
          uri,
          clientAddress,
          caller,
          nanos,
          status,
          bytes,
          logFields);
    }
  }
}
