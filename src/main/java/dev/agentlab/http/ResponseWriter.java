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

/// The answer to one request on its way to the caller, whole or bit by bit, and the line in the log
/// about it.
final class ResponseWriter {
  /// What the log knows a request by whose caller did not wait for the answer.
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

  /// Who is answered, as far as that is known; not changed once another thread sends.
  private Optional<Caller> caller = Optional.empty();

  /// Ends the watch over the caller's credential; not changed once another thread sends.
  private Runnable unwatch = () -> {};

  /// What writes the answer, if it comes bit by bit; belongs to the event loop.
  private Optional<BodyWriter> writer = Optional.empty();

  /// The stream of events that is being written; belongs to the event loop.
  private Optional<Response.Content.Events> streaming = Optional.empty();

  /// @param loop of the connection
  /// @param clientAddress the caller's
  /// @param id of the request
  ResponseWriter(
      ServerContext edge,
      Context loop,
      HttpServerRequest request,
      RequestHead head,
      ConnectionMonitor connection,
      String clientAddress,
      String id,
      ClientDisconnect departure,
      LogFields logFields) {
    this.edge = edge;
    this.loop = loop;
    this.request = request;
    this.head = head;
    this.connection = connection;
    this.clientAddress = clientAddress;
    this.id = id;
    this.departure = departure;
    this.logFields = logFields;
  }

  /// Says who is answered. On the event loop.
  void to(Caller known) {
    caller = Optional.of(known);
  }

  /// Takes what ends the watch over the caller's credential, to be run when the request is over. On
  /// the event loop.
  void unwatching(Runnable ending) {
    unwatch = ending;
  }

  /// Sends the one answer, from any thread. The request is over with its last byte.
  ///
  /// @param endpoint what the request met
  /// @param failed makes the answer for what should not have happened
  void send(
      EncodedResponse answer,
      Optional<Endpoint> endpoint,
      Function<Throwable, EncodedResponse> failed) {
    boolean present = departure.answered();
    boolean isLarge = answer.body().length > BodyWriter.MAX_WRITE_BYTES && !head.isHead();
    if (answer.events().isPresent() || isLarge) {
      loop.runOnContext(_ -> stream(answer, endpoint, present));
      return;
    }
    try {
      int bytes = present && !head.isHead() ? answer.body().length : 0;
      note(endpoint, present ? answer.status() : CALLER_LEFT, bytes);
      if (present) {
        write(answer, failed);
      }
    } finally {
      over();
    }
  }

  private void over() {
    unwatch.run();
    edge.traffic().leave();
  }

  /// Says that the caller is gone. On the event loop.
  void callerLeft() {
    writer.ifPresent(BodyWriter::cancel);
  }

  /// Ends a stream of events, whose caller may no longer have it. On the event loop.
  void refused(String detail) {
    streaming.ifPresent(events ->
        writer.ifPresent(writing -> {
          logFields.streamFailed(ProblemType.UNAUTHENTICATED);
          writing.finish(events.unauthenticated().apply(detail));
        }));
  }

  private void write(EncodedResponse answer, Function<Throwable, EncodedResponse> failed) {
    HttpServerResponse response = request.response();
    try {
      putHead(answer);
    } catch (IllegalArgumentException e) {
      response.headers().clear();
      write(
          failed.apply(new IllegalStateException("a header that HTTP does not allow", e)), failed);
      return;
    }
    if (head.isHead()) {
      response.headers().set(HttpHeaders.CONTENT_LENGTH, Integer.toString(answer.body().length));
      var _ = response.end();
    } else {
      MemoryBudget.Reservation memory = edge.memory().open();
      memory.grow(answer.body().length);
      response.end(Buffer.buffer(answer.body())).onComplete(_ -> memory.close());
    }
  }

  /// @throws IllegalArgumentException if a header is none that HTTP allows
  private void putHead(EncodedResponse answer) {
    HttpServerResponse response = request.response();
    MultiMap headers = response.headers();
    SecurityHeaders.add(headers, request.isSSL());
    answer.putHeaders(headers);
    headers.set(REQUEST_ID, id);
    headers.set(HttpHeaders.DATE, edge.date().now());
    edge.cors().ifPresent(cors -> cors.add(headers, request.getHeader(HttpHeaders.ORIGIN)));
    if (answer.closes() || edge.traffic().draining()) {
      headers.set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    response.setStatusCode(answer.status());
  }

  /// Sends what the caller takes bit by bit, on the event loop: events as they come, or a body that
  /// is large.
  private void stream(EncodedResponse answer, Optional<Endpoint> endpoint, boolean present) {
    HttpServerResponse response = request.response();
    BodyWriter writing =
        new BodyWriter(
            loop,
            response,
            edge.memory().open(),
            (end, bytes) -> streamed(end, bytes, answer, endpoint));
    Optional<Response.Content.Events> events = answer.events();
    if (present && !response.closed()) {
      putHead(answer);
      if (events.isPresent()) {
        response.setChunked(true);
      } else {
        response.headers().set(HttpHeaders.CONTENT_LENGTH, Integer.toString(answer.body().length));
      }
      writer = Optional.of(writing);
      streaming = events;
      writing.begin(events.map(_ -> edge.settings().heartbeat()));
      events.ifPresentOrElse(
          it -> it.parts().subscribe(writing), () -> writing.writeWhole(answer.body()));
    } else {
      events.ifPresentOrElse(it -> it.parts().subscribe(writing), writing::cancel);
    }
  }

  private void streamed(
      BodyWriter.End end, long bytes, EncodedResponse answer, Optional<Endpoint> endpoint) {
    writer = Optional.empty();
    try (MDC.MDCCloseable _ = MDC.putCloseable(MDC_REQUEST_ID, id)) {
      note(endpoint, streamedStatus(end, answer), bytes);
    } finally {
      over();
    }
    if (end == BodyWriter.End.BROKEN) {
      connection.cut();
    } else if (end == BodyWriter.End.WHOLE && edge.traffic().draining()) {
      connection.closeOnceAnswered();
    }
  }

  /// The status in log and metrics, which for a stream that failed is not the one in its head.
  private int streamedStatus(BodyWriter.End end, EncodedResponse answer) {
    return switch (end) {
      case WHOLE -> logFields.failedStatus().orElse(answer.status());
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
