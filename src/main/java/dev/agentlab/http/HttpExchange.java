package dev.agentlab.http;

import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.Actor;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Caller;
import dev.agentlab.security.Scope;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.MDC;

/// One request on its way to its one answer: checked and received on the event loop, then handled
/// on a virtual thread. The event loop's fields are not touched once that thread runs.
final class HttpExchange {
  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("X-Request-Id");

  private static final String MDC_REQUEST_ID = "request_id";

  /// Shared by all requests, so it is never appended to.
  private static final Buffer NO_BODY = Buffer.buffer(0);

  private final ServerContext edge;
  private final HttpServerRequest request;
  private final RequestHead head;
  private final ConnectionMonitor connection;
  private final Context loop = Objects.requireNonNull(Vertx.currentContext());
  private final String clientAddress;
  private final String id;
  private final ClientDisconnect departure;
  private final LogFields logFields = new LogFields();
  private final ResponseWriter reply;

  /// The body as received and as read; given back when the handler has returned.
  private final MemoryBudget.Reservation memory;

  private Optional<Endpoint> endpoint = Optional.empty();
  private Caller caller = Caller.ANYONE;
  private List<String> pathValues = List.of();
  private Map<String, String> query = Map.of();
  private Buffer body = NO_BODY;

  /// Bytes the body may have.
  private int maxBytes;

  /// Whether it is being found out who calls and what they may do.
  private boolean admitting;

  /// Whether the body is still awaited.
  private boolean receiving;

  HttpExchange(ServerContext edge, HttpServerRequest request) {
    this.edge = edge;
    this.request = request;
    this.head = new RequestHead(request);
    this.connection = ConnectionMonitor.of(request);
    this.clientAddress = edge.proxies().clientAddress(connection.address(), request.headers());
    this.id = RequestId.of(request.getHeader(REQUEST_ID));
    this.departure = new ClientDisconnect(edge.handlers());
    this.reply =
        new ResponseWriter(
            edge, loop, request, head, connection, clientAddress, id, departure, logFields);
    this.memory = edge.memory().open();
  }

  /// Takes the request on, whose head has been read, unless its connection is over.
  void begin() {
    if (connection.isOver()) {
      return;
    }
    connection.answering(this);
    boolean room = edge.traffic().enter() && edge.memory().hasRoom();
    answering(() -> accept(room));
  }

  /// Goes on with the request, on the event loop.
  ///
  /// @param step what is next; gives the answer if that comes of it at once
  private void answering(Supplier<Optional<EncodedResponse>> step) {
    Optional<EncodedResponse> early;
    try {
      early = step.get();
    } catch (RuntimeException e) {
      answerHere(() -> failed(e));
      return;
    }
    early.ifPresent(answer -> answerHere(() -> answer));
  }

  /// @return the answer, if it takes neither a body nor a handler
  private Optional<EncodedResponse> accept(boolean room) {
    head.requireWellFormed();
    edge.hosts().require(request.getHeader(HttpHeaders.HOST), request.uri());
    if (head.isPreflight() && edge.cors().isPresent()) {
      edge.cors()
          .get()
          .addPreflight(request.response().headers(), request.getHeader(HttpHeaders.ORIGIN));
      return Optional.of(EncodedResponse.empty(204, Map.of()));
    }
    return switch (match()) {
      case Router.Match.Found found -> accept(found, room);
      case Router.Match.OtherMethods other when head.isOptions() ->
          Optional.of(EncodedResponse.empty(204, Map.of("Allow", allow(other.allowed()))));
      case Router.Match.OtherMethods other -> {
        String allow = allow(other.allowed());
        throw RequestRejectedException.of(
                ProblemType.METHOD_NOT_ALLOWED, "%s takes %s".formatted(head.path(), allow))
            .with("Allow", allow);
      }
      case Router.Match.Nothing _ ->
          throw RequestRejectedException.of(
              ProblemType.NOT_FOUND, "there is nothing at " + head.path());
    };
  }

  private Optional<EncodedResponse> accept(Router.Match.Found found, boolean room) {
    Endpoint met = found.endpoint();
    endpoint = Optional.of(met);
    pathValues = found.pathValues();
    if (!room && !met.route().probe()) {
      throw RequestRejectedException.overload();
    }
    if (met.route().scope() == Scope.OPEN) {
      admitted(met);
      return Optional.empty();
    }
    Optional<Secret> credential = admission(() -> RequestCredential.of(request.headers()));
    AuthenticationResult told =
        credential
            .map(edge.authenticator()::check)
            .orElseGet(edge.authenticator()::withoutCredential);
    if (credential.isEmpty() && told instanceof AuthenticationResult.Accepted) {
      admission(() -> AccessControl.ofOwnPage(head, edge.cors()));
    }
    if (told instanceof AuthenticationResult.Undecided) {
      Secret shown = credential.orElseThrow();
      findOut(
          met, () -> edge.authenticator().verify(shown), answer -> admit(met, answer, credential));
    } else {
      admit(met, told, credential);
    }
    return Optional.empty();
  }

  /// Has a thread of its own find out something about who calls and what they may do, which may
  /// take a while. Nothing of the body is taken in meanwhile.
  ///
  /// @param next goes on with the answer, on the event loop
  private <T> void findOut(Endpoint met, Supplier<T> question, Consumer<T> next) {
    admitting = true;
    if (met.body().isPresent()) {
      request.pause();
    }
    edge.handlers()
        .newThread(() -> {
          MDC.put(MDC_REQUEST_ID, id);
          Supplier<T> answer = AccessControl.settled(question);
          loop.runOnContext(_ -> foundOut(met, answer, next));
        })
        .start();
  }

  private <T> void foundOut(Endpoint met, Supplier<T> answer, Consumer<T> next) {
    boolean awaited = admitting;
    admitting = false;
    answering(() -> {
      try {
        if (awaited) {
          next.accept(answer.get());
        }
        return Optional.empty();
      } finally {
        // Before any answer: a connection whose request is held when it is answered goes no
        // further.
        if (met.body().isPresent() && !admitting) {
          request.resume();
        }
      }
    });
  }

  /// Lets the caller in or not, by nothing but the route that was met.
  private void admit(Endpoint met, AuthenticationResult told, Optional<Secret> credential) {
    caller = admission(() -> AccessControl.of(told));
    reply.to(caller);
    switch (admission(() -> AccessControl.of(caller, met, pathValues))) {
      case AccessControl.Permission.Granted _ -> {
        credential.ifPresent(this::watch);
        admitted(met);
      }
      case AccessControl.Permission.ForAgent(var lookUp) ->
          findOut(
              met,
              lookUp,
              agent -> {
                pathValues =
                    admission(() -> AccessControl.forAgent(caller, met, pathValues, agent));
                credential.ifPresent(this::watch);
                admitted(met);
              });
    }
  }

  /// Has the request end with its key. A token that expires does not end what it began.
  private void watch(Secret credential) {
    if (caller.kind() == Caller.Kind.KEY) {
      reply.unwatching(
          edge.credentials()
              .watch(credential, detail -> loop.runOnContext(_ -> credentialRejected(detail))));
    }
  }

  private void credentialRejected(String detail) {
    RequestRejectedException refusal = RequestCredential.unauthenticated(detail);
    refuseBody(refusal.andClose());
    departure.refused(refusal);
    reply.refused(detail);
  }

  private <T> T admission(Supplier<T> step) {
    try {
      return step.get();
    } catch (RequestRejectedException refusal) {
      // Whoever is not let in does not get to send the rest either.
      throw head.announcesBody() ? refusal.andClose() : refusal;
    }
  }

  private void admitted(Endpoint met) {
    query = met.query(head.query());
    if (met.body().isPresent()) {
      BodyFormat format = met.body().get();
      maxBytes = format.maxBytes(edge.settings().maxBodySize());
      format.require(head);
      if (head.length() > maxBytes) {
        throw format.tooLarge(maxBytes);
      }
      receive();
    } else {
      handle(met);
    }
  }

  private Router.Match match() {
    try {
      return edge.router().match(head.method(), head.path());
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException("path", String.valueOf(e.getMessage()));
    }
  }

  private static String allow(Set<Method> methods) {
    Stream<String> implied =
        methods.contains(Method.GET) ? Stream.of("HEAD", "OPTIONS") : Stream.of("OPTIONS");
    return Stream.concat(methods.stream().map(Method::name), implied)
        .collect(Collectors.joining(", "));
  }

  private void receive() {
    receiving = true;
    request
        .handler(this::received)
        .endHandler(_ -> receivedAll())
        .exceptionHandler(
            _ -> refuseBody(RequestHead.broken("the body is not well-formed HTTP/1.1")));
    if (head.awaitsContinue()) {
      request.response().writeContinue();
    }
  }

  private void received(Buffer chunk) {
    if (!receiving) {
      return;
    }
    if (body.length() + chunk.length() > maxBytes) {
      refuseBody(endpoint.flatMap(Endpoint::body).orElseThrow().tooLarge(maxBytes));
      return;
    }
    if (!memory.tryGrow(chunk.length())) {
      refuseBody(RequestRejectedException.overload().andClose());
      return;
    }
    body = body.length() == 0 ? chunk : body.appendBuffer(chunk);
  }

  private void receivedAll() {
    if (receiving) {
      receiving = false;
      handle(endpoint.orElseThrow());
    }
  }

  /// Says that the body has not arrived in time.
  void receivedTooSlowly() {
    long limit = edge.settings().readTimeout().toMillis();
    refuseBody(
        RequestRejectedException.of(
                ProblemType.REQUEST_TIMEOUT,
                "the body did not arrive within %d ms".formatted(limit))
            .andClose());
  }

  private void refuseBody(RequestRejectedException refusal) {
    if (receiving) {
      receiving = false;
      body = NO_BODY;
      answerHere(() -> failed(refusal));
    }
  }

  /// Says that there is nobody left to answer.
  void callerLeft() {
    departure.left();
    reply.callerLeft();
    if (receiving || admitting) {
      receiving = false;
      admitting = false;
      answerHere(() -> EncodedResponse.empty(ResponseWriter.CALLER_LEFT, Map.of()));
    }
  }

  private void handle(Endpoint met) {
    edge.handlers()
        .newThread(() -> {
          MDC.put(MDC_REQUEST_ID, id);
          EventLoops.at(loop, () -> answer(actor().doing(() -> handled(met))));
        })
        .start();
  }

  private Actor actor() {
    return new Actor(
        caller, Optional.of(clientAddress).filter(it -> !it.isEmpty()), Optional.of(id));
  }

  private EncodedResponse handled(Endpoint met) {
    try {
      FieldErrors faults = new FieldErrors();
      Optional<Object> content = met.body().flatMap(format -> faults.noting(() -> read(format)));
      RoutedRequest call =
          new RoutedRequest(
              met, pathValues, query, request.headers(), content, caller, departure, logFields);
      call.check(faults);
      faults.refuse();
      // The route's builder gives a handler the type that the route takes.
      @SuppressWarnings("unchecked")
      Route.Handler<Object> handler = (Route.Handler<Object>) met.route().handler();
      return EncodedResponse.of(handler.handle(call));
    } catch (Throwable e) {
      return failed(departure.cause(e));
    }
  }

  private Object read(BodyFormat format) {
    byte[] bytes = body.getBytes();
    body = NO_BODY;
    return format.read(bytes, head.mediaType(), memory);
  }

  private EncodedResponse failed(Throwable thrown) {
    return ProblemMapper.answer(thrown, endpoint, head.path(), id);
  }

  /// Answers from the event loop.
  private void answerHere(Supplier<EncodedResponse> answer) {
    try (MDC.MDCCloseable _ = MDC.putCloseable(MDC_REQUEST_ID, id)) {
      answer(answer.get());
    }
  }

  private void answer(EncodedResponse answer) {
    memory.close();
    reply.send(answer, endpoint, this::failed);
  }
}
