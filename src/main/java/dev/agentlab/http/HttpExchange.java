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

/// One request and its response: validated, authorized and received on the event loop, then handled
/// on a virtual thread. Fields of the event loop are not changed once that thread runs.
final class HttpExchange {
  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("X-Request-Id");

  private static final String MDC_REQUEST_ID = "request_id";

  /// Shared by all requests, so never append to it.
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

  /// The reservation for the received and the parsed body; released when the handler has returned.
  private final MemoryBudget.Reservation memory;

  private Optional<Endpoint> endpoint = Optional.empty();
  private Caller caller = Caller.ANYONE;
  private List<String> pathValues = List.of();
  private Map<String, String> query = Map.of();
  private Buffer body = NO_BODY;

  /// The maximum size of the body in bytes.
  private int maxBytes;

  /// Whether authentication or authorization is in progress on another thread.
  private boolean admitting;

  /// Whether the body is incomplete.
  private boolean receiving;

  HttpExchange(ServerContext context, HttpServerRequest request) {
    this.edge = context;
    this.request = request;
    this.head = new RequestHead(request);
    this.connection = ConnectionMonitor.of(request);
    this.clientAddress = context.proxies().clientAddress(connection.address(), request.headers());
    this.id = RequestId.of(request.getHeader(REQUEST_ID));
    this.departure = new ClientDisconnect(context.handlers());
    this.reply =
        new ResponseWriter(
            context, loop, request, head, connection, clientAddress, id, departure, logFields);
    this.memory = context.memory().open();
  }

  /// Starts processing the request, whose head has been received, unless its connection is closing.
  void begin() {
    if (connection.isOver()) {
      return;
    }
    connection.answering(this);
    boolean hasCapacity = edge.traffic().enter() && edge.memory().hasRoom();
    answering(() -> accept(hasCapacity));
  }

  /// Runs the next step of the request on the event loop.
  ///
  /// @param step returns the response if the step completes the request
  private void answering(Supplier<Optional<EncodedResponse>> step) {
    Optional<EncodedResponse> response;
    try {
      response = step.get();
    } catch (RuntimeException e) {
      answerHere(() -> failed(e));
      return;
    }
    response.ifPresent(it -> answerHere(() -> it));
  }

  /// @return the response, if the request needs neither a body nor a handler
  private Optional<EncodedResponse> accept(boolean hasCapacity) {
    head.requireWellFormed();
    edge.hosts().require(request.getHeader(HttpHeaders.HOST), request.uri());
    if (head.isPreflight() && edge.cors().isPresent()) {
      edge.cors()
          .get()
          .addPreflight(request.response().headers(), request.getHeader(HttpHeaders.ORIGIN));
      return Optional.of(EncodedResponse.empty(204, Map.of()));
    }
    return switch (match()) {
      case Router.Match.Found found -> accept(found, hasCapacity);
      case Router.Match.OtherMethods other when head.isOptions() ->
          Optional.of(EncodedResponse.empty(204, Map.of("Allow", allow(other.allowed()))));
      case Router.Match.OtherMethods other -> {
        String allow = allow(other.allowed());
        throw RequestRejectedException.of(
                ProblemType.METHOD_NOT_ALLOWED,
                "%s %s: allowed methods are %s".formatted(head.methodName(), head.path(), allow))
            .with("Allow", allow);
      }
      case Router.Match.Nothing _ ->
          throw RequestRejectedException.of(
              ProblemType.NOT_FOUND, "no route matches " + head.path());
    };
  }

  private Optional<EncodedResponse> accept(Router.Match.Found found, boolean hasCapacity) {
    Endpoint matched = found.endpoint();
    endpoint = Optional.of(matched);
    pathValues = found.pathValues();
    if (!hasCapacity && !matched.route().probe()) {
      throw RequestRejectedException.overload();
    }
    if (matched.route().scope() == Scope.OPEN) {
      admitted(matched);
      return Optional.empty();
    }
    Optional<Secret> credential = admission(() -> RequestCredential.of(request.headers()));
    AuthenticationResult result =
        credential
            .map(edge.authenticator()::check)
            .orElseGet(edge.authenticator()::withoutCredential);
    if (credential.isEmpty() && result instanceof AuthenticationResult.Accepted) {
      admission(() -> AccessControl.ofOwnPage(head, edge.cors()));
    }
    if (result instanceof AuthenticationResult.Undecided) {
      Secret presented = credential.orElseThrow();
      findOut(
          matched,
          () -> edge.authenticator().verify(presented),
          verified -> admit(matched, verified, credential));
    } else {
      admit(matched, result, credential);
    }
    return Optional.empty();
  }

  /// Runs a blocking step of authentication or authorization on a virtual thread. Receiving the
  /// body is paused meanwhile.
  ///
  /// @param next continues with the result, on the event loop
  private <T> void findOut(Endpoint matched, Supplier<T> computation, Consumer<T> next) {
    admitting = true;
    if (matched.body().isPresent()) {
      request.pause();
    }
    edge.handlers()
        .newThread(() -> {
          MDC.put(MDC_REQUEST_ID, id);
          Supplier<T> result = AccessControl.settled(computation);
          loop.runOnContext(_ -> foundOut(matched, result, next));
        })
        .start();
  }

  private <T> void foundOut(Endpoint matched, Supplier<T> result, Consumer<T> next) {
    boolean pending = admitting;
    admitting = false;
    answering(() -> {
      try {
        if (pending) {
          next.accept(result.get());
        }
        return Optional.empty();
      } finally {
        // Before any response: a connection whose request is paused when the response is written
        // reads no further requests.
        if (matched.body().isPresent() && !admitting) {
          request.resume();
        }
      }
    });
  }

  /// Authorizes the caller for the matched route.
  private void admit(Endpoint matched, AuthenticationResult result, Optional<Secret> credential) {
    caller = admission(() -> AccessControl.of(result));
    reply.to(caller);
    switch (admission(() -> AccessControl.of(caller, matched, pathValues))) {
      case AccessControl.Permission.Granted _ -> {
        credential.ifPresent(this::watch);
        admitted(matched);
      }
      case AccessControl.Permission.ForAgent(var lookUp) ->
          findOut(
              matched,
              lookUp,
              agent -> {
                pathValues =
                    admission(() -> AccessControl.forAgent(caller, matched, pathValues, agent));
                credential.ifPresent(this::watch);
                admitted(matched);
              });
    }
  }

  /// Ends the request if its API key is revoked or expires. The expiry of an OIDC token does not
  /// end a request in progress.
  private void watch(Secret credential) {
    if (caller.kind() == Caller.Kind.KEY) {
      reply.unwatching(
          edge.credentials()
              .watch(credential, detail -> loop.runOnContext(_ -> credentialRejected(detail))));
    }
  }

  private void credentialRejected(String detail) {
    RequestRejectedException rejection = RequestCredential.unauthenticated(detail);
    refuseBody(rejection.andClose());
    departure.refused(rejection);
    reply.refused(detail);
  }

  private <T> T admission(Supplier<T> step) {
    try {
      return step.get();
    } catch (RequestRejectedException rejection) {
      // The body of an unauthorized request is not received.
      throw head.announcesBody() ? rejection.andClose() : rejection;
    }
  }

  private void admitted(Endpoint matched) {
    query = matched.query(head.query());
    if (matched.body().isPresent()) {
      BodyFormat format = matched.body().get();
      maxBytes = format.maxBytes(edge.settings().maxBodySize());
      format.require(head);
      if (head.length() > maxBytes) {
        throw format.tooLarge(maxBytes);
      }
      receive();
    } else {
      handle(matched);
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
            _ -> refuseBody(RequestHead.broken("body: must be well-formed HTTP/1.1")));
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

  /// Rejects the request because its body exceeded the read timeout.
  void receivedTooSlowly() {
    long timeout = edge.settings().readTimeout().toMillis();
    refuseBody(
        RequestRejectedException.of(
                ProblemType.REQUEST_TIMEOUT,
                "the body was not received within the read timeout of %d ms".formatted(timeout))
            .andClose());
  }

  private void refuseBody(RequestRejectedException rejection) {
    if (receiving) {
      receiving = false;
      body = NO_BODY;
      answerHere(() -> failed(rejection));
    }
  }

  /// Cancels the request because the client disconnected.
  void callerLeft() {
    departure.left();
    reply.callerLeft();
    if (receiving || admitting) {
      receiving = false;
      admitting = false;
      answerHere(() -> EncodedResponse.empty(ResponseWriter.CALLER_LEFT, Map.of()));
    }
  }

  private void handle(Endpoint matched) {
    edge.handlers()
        .newThread(() -> {
          MDC.put(MDC_REQUEST_ID, id);
          EventLoops.at(loop, () -> answer(actor().doing(() -> handled(matched))));
        })
        .start();
  }

  private Actor actor() {
    return new Actor(
        caller, Optional.of(clientAddress).filter(it -> !it.isEmpty()), Optional.of(id));
  }

  private EncodedResponse handled(Endpoint matched) {
    try {
      FieldErrors faults = new FieldErrors();
      Optional<Object> content = matched.body().flatMap(format -> faults.noting(() -> read(format)));
      RoutedRequest routed =
          new RoutedRequest(
              matched, pathValues, query, request.headers(), content, caller, departure, logFields);
      routed.check(faults);
      faults.refuse();
      // The builder of the route ties the handler to the type of the request body.
      @SuppressWarnings("unchecked")
      Route.Handler<Object> handler = (Route.Handler<Object>) matched.route().handler();
      return EncodedResponse.of(handler.handle(routed));
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

  /// Sends the response from the event loop.
  private void answerHere(Supplier<EncodedResponse> response) {
    try (MDC.MDCCloseable _ = MDC.putCloseable(MDC_REQUEST_ID, id)) {
      answer(response.get());
    }
  }

  private void answer(EncodedResponse response) {
    memory.close();
    reply.send(response, endpoint, this::failed);
  }
}
