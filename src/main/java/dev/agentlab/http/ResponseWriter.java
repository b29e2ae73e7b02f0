package dev.agentlab.http;

import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.security.Caller;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.MDC;

/// Writes the response to one request, complete or as a stream, and its access log line and
/// metrics.
final class ResponseWriter {
  /// The status in log and metrics if the client disconnected before the response.
  static final int CALLER_LEFT = 499;

  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("X-Request-Id");
  private static final String MDC_REQUEST_ID = "request_id";

  private final ServerContext edge;
  private final Context loop;
  private final HttpServerRequest request;
  private final RequestHead head;
  private final ConnectionMonitor connection;
  private final String clientAddress;
  private final String id;
  private final ClientDisconnect departure;
  private final LogFields logFields;
  private final long began = System.nanoTime();

  /// The caller, if known; not changed after another thread calls [#send].
  private Optional<Caller> caller = Optional.empty();

  /// Ends the watch of the credential; not changed after another thread calls [#send].
  private Runnable unwatch = () -> {};

  /// The writer of a streamed response; confined to the event loop.
  private Optional<BodyWriter> writer = Optional.empty();

  /// The event stream in progress; confined to the event loop.
  private Optional<Response.Content.Events> streaming = Optional.empty();

  /// @param loop the event loop of the connection
  /// @param clientAddress the address of the client
  /// @param id the request id
  ResponseWriter(
      ServerContext context,
      Context loop,
      HttpServerRequest request,
      RequestHead head,
      ConnectionMonitor connection,
      String clientAddress,
      String id,
      ClientDisconnect clientDisconnect,
      LogFields logFields) {
    this.edge = context;
    this.loop = loop;
    this.request = request;
    this.head = head;
    this.connection = connection;
    this.clientAddress = clientAddress;
    this.id = id;
    this.departure = clientDisconnect;
    this.logFields = logFields;
  }

  /// Sets the caller. Must run on the event loop.
  void to(Caller authenticated) {
    caller = Optional.of(authenticated);
  }

  /// Sets the action that ends the watch of the credential, which is run when the request ends.
  /// Must run on the event loop.
  void unwatching(Runnable action) {
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
    boolean connected = departure.answered();
    boolean isLarge = response.body().length > BodyWriter.MAX_WRITE_BYTES && !head.isHead();
    if (response.events().isPresent() || isLarge) {
      loop.runOnContext(_ -> stream(response, endpoint, connected));
      return;
    }
    try {
      int bytes = connected && !head.isHead() ? response.body().length : 0;
      note(endpoint, connected ? response.status() : CALLER_LEFT, bytes);
      if (connected) {
        write(response, failed);
      }
    } finally {
      over();
    }
  }

  private void over() {
    unwatch.run();
    edge.traffic().leave();
  }

  /// Cancels a stream because the client disconnected. Must run on the event loop.
  void callerLeft() {
    writer.ifPresent(BodyWriter::cancel);
  }

  /// Ends an event stream because its credential is no longer valid. Must run on the event loop.
  void refused(String detail) {
    streaming.ifPresent(events ->
        writer.ifPresent(it -> {
          logFields.streamFailed(ProblemType.UNAUTHENTICATED);
          it.finish(events.unauthenticated().apply(detail));
        }));
  }

  private void write(EncodedResponse response, Function<Throwable, EncodedResponse> failed) {
    HttpServerResponse target = request.response();
    try {
      putHead(response);
    } catch (IllegalArgumentException e) {
      target.headers().clear();
      write(failed.apply(new IllegalStateException("invalid response header", e)), failed);
      return;
    }
    if (head.isHead()) {
      target.headers().set(HttpHeaders.CONTENT_LENGTH, Integer.toString(response.body().length));
      var _ = target.end();
    } else {
      MemoryBudget.Reservation memory = edge.memory().open();
      memory.grow(response.body().length);
      target.end(Buffer.buffer(response.body())).onComplete(_ -> memory.close());
    }
  }

  /// @throws IllegalArgumentException if a header is invalid in HTTP
  private void putHead(EncodedResponse response) {
    HttpServerResponse target = request.response();
    MultiMap headers = target.headers();
    SecurityHeaders.add(headers, request.isSSL());
    response.putHeaders(headers);
    headers.set(REQUEST_ID, id);
    headers.set(HttpHeaders.DATE, edge.date().now());
    edge.cors().ifPresent(cors -> cors.add(headers, request.getHeader(HttpHeaders.ORIGIN)));
    if (response.closes() || edge.traffic().draining()) {
      headers.set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    target.setStatusCode(response.status());
  }

  /// Streams the response with back-pressure, on the event loop: events, or a large body.
  private void stream(EncodedResponse response, Optional<Endpoint> endpoint, boolean connected) {
    HttpServerResponse target = request.response();
    BodyWriter bodyWriter =
        new BodyWriter(
            loop,
            target,
            edge.memory().open(),
            (end, bytes) -> streamed(end, bytes, response, endpoint));
    Optional<Response.Content.Events> events = response.events();
    if (connected && !target.closed()) {
      putHead(response);
      if (events.isPresent()) {
        target.setChunked(true);
      } else {
        target.headers().set(HttpHeaders.CONTENT_LENGTH, Integer.toString(response.body().length));
      }
      writer = Optional.of(bodyWriter);
      streaming = events;
      bodyWriter.begin(events.map(_ -> edge.settings().heartbeat()));
      events.ifPresentOrElse(
          it -> it.parts().subscribe(bodyWriter), () -> bodyWriter.writeWhole(response.body()));
    } else {
      events.ifPresentOrElse(it -> it.parts().subscribe(bodyWriter), bodyWriter::cancel);
    }
  }

  private void streamed(
      BodyWriter.End end, long bytes, EncodedResponse response, Optional<Endpoint> endpoint) {
    writer = Optional.empty();
    try (MDC.MDCCloseable _ = MDC.putCloseable(MDC_REQUEST_ID, id)) {
      note(endpoint, streamedStatus(end, response), bytes);
    } finally {
      over();
    }
    if (end == BodyWriter.End.BROKEN) {
      connection.cut();
    } else if (end == BodyWriter.End.WHOLE && edge.traffic().draining()) {
      connection.closeOnceAnswered();
    }
  }

  /// The status for log and metrics, which for a failed stream differs from the status that was
  /// sent.
  private int streamedStatus(BodyWriter.End end, EncodedResponse response) {
    return switch (end) {
      case WHOLE -> logFields.failedStatus().orElse(response.status());
      case BROKEN -> ProblemType.INTERNAL_ERROR.status();
      case CALLER_LEFT -> CALLER_LEFT;
    };
  }

  private void note(Optional<Endpoint> endpoint, int status, long bytes) {
    long nanos = System.nanoTime() - began;
    edge.log().time(head.methodName(), endpoint, status, nanos);
    if (AccessLog.isLogged(endpoint)) {
      String uri = head.loggedUri(endpoint.map(Endpoint::queryNames).orElse(Set.of()));
      AccessLog.line(
          endpoint, head.methodName(), uri, clientAddress, caller, nanos, status, bytes, logFields);
    }
  }
}
