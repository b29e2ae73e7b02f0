package dev.agentlab.http;

import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.eventloop.Completions;
import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.security.Actor;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Caller;
import dev.agentlab.security.Scope;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/// One request and its response: validated, authorized and received on the event loop, then handled
/// there or on a virtual thread. Fields of the event loop are not changed once that thread runs.
final class HttpExchange {
  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("X-Request-Id");

  private static final String MDC_REQUEST_ID = "request_id";

  /// Shared by all requests, so never append to it.
  private static final Buffer NO_BODY = Buffer.buffer(0);

  private final ServerContext context;
  private final HttpServerRequest request;
  private final RequestHead head;
  private final ConnectionMonitor connection;
  private final EventLoop loop = EventLoops.ofCurrentThread();
  private final String clientAddress;
  private final String id;
  private final RequestCancellation clientDisconnect;
  private final LogFields logFields = new LogFields();
  private final ResponseWriter responseWriter;

  /// The reservation for the received and the parsed body, and for what the handler reserves;
  /// released when the response is ready.
  private final MemoryBudget.Reservation memory;

  private Optional<Endpoint> endpoint = Optional.empty();

  /// Those of the routes with the path but other methods, if there are only such.
  private Optional<ApiConventions> conventions = Optional.empty();

  private Optional<RequestCredential> credential = Optional.empty();
  private Caller caller = Caller.ANYONE;
  private List<String> pathValues = List.of();
  private Map<String, List<String>> query = Map.of();
  private Buffer body = NO_BODY;

  /// The body, if the handler receives it as it arrives.
  private Optional<ReceivedBody> bodyStream = Optional.empty();

  /// The maximum size of the body in bytes.
  private long maxBytes;

  /// Whether authentication or authorization is in progress on another thread.
  private boolean authorizing;

  /// Whether the body is incomplete.
  private boolean receiving;

  HttpExchange(ServerContext context, HttpServerRequest request) {
    this.context = context;
    this.request = request;
    this.head = new RequestHead(request);
    this.connection = ConnectionMonitor.of(request);
    this.clientAddress =
        context.trustedProxies().clientAddress(connection.address(), request.headers());
    this.id = RequestId.of(request.getHeader(REQUEST_ID));
    this.clientDisconnect = new RequestCancellation(context.handlerThreads());
    this.responseWriter =
        new ResponseWriter(
            context,
            loop,
            request,
            head,
            connection,
            clientAddress,
            id,
            clientDisconnect,
            logFields);
    this.memory = context.memory().open();
  }

  /// Starts processing the request, whose head has been received, unless its connection is closing.
  void start() {
    if (connection.isClosing()) {
      return;
    }
    connection.setCurrentExchange(this);
    boolean hasCapacity = context.requestLimiter().begin() && context.memory().hasRoom();
    runStep(() -> process(hasCapacity));
  }

  /// Runs the next step of the request on the event loop.
  ///
  /// @param step returns the response if the step completes the request
  private void runStep(Supplier<Optional<EncodedResponse>> step) {
    Optional<EncodedResponse> response;
    try {
      response = step.get();
    } catch (RuntimeException e) {
      respondOnEventLoop(() -> toProblemResponse(e));
      return;
    }
    response.ifPresent(it -> respondOnEventLoop(() -> it));
  }

  /// @return the response, if the request needs neither a body nor a handler
  private Optional<EncodedResponse> process(boolean hasCapacity) {
    head.requireWellFormed();
    context.allowedHosts().require(request.getHeader(HttpHeaders.HOST), request.uri());
    if (head.isPreflight() && context.cors().isPresent()) {
      context
          .cors()
          .get()
          .addPreflight(request.response().headers(), request.getHeader(HttpHeaders.ORIGIN));
      return Optional.of(EncodedResponse.empty(204, Map.of()));
    }
    return switch (matchRoute()) {
      case Router.Match.Found found -> process(found, hasCapacity);
      case Router.Match.MethodNotAllowed other when head.isOptions() ->
          Optional.of(EncodedResponse.empty(204, Map.of("Allow", allowHeader(other.allowed()))));
      case Router.Match.MethodNotAllowed other -> {
        conventions = Optional.of(other.conventions());
        String allow = allowHeader(other.allowed());
        throw RequestRejectedException.of(
                ProblemType.METHOD_NOT_ALLOWED,
                "%s %s: allowed methods are %s".formatted(head.loggedMethod(), head.path(), allow))
            .withHeader("Allow", allow);
      }
      case Router.Match.NotFound _ -> process(unknownPage(), hasCapacity);
    };
  }

  private Router.Match.Found unknownPage() {
    return Optional.of(head.path())
        .filter(_ -> head.isPageView())
        .flatMap(context.router()::unknownPage)
        .orElseThrow(() ->
            RequestRejectedException.of(ProblemType.NOT_FOUND, "no route matches " + head.path()));
  }

  private Optional<EncodedResponse> process(Router.Match.Found found, boolean hasCapacity) {
    Endpoint matched = found.endpoint();
    endpoint = Optional.of(matched);
    pathValues = found.pathValues();
    if (!hasCapacity && !matched.route().isProbe()) {
      throw RequestRejectedException.overloaded();
    }
    if (matched.route().scope().equals(Scope.PUBLIC)) {
      checkAccess(() -> CsrfProtection.requireOwnPageIfAny(head, context.origin()));
      onAuthorized(matched);
      return Optional.empty();
    }
    credential = checkAccess(this::findCredential);
    AuthenticationResult result =
        credential
            .map(it -> context.authenticators().of(it).check(it.secret()))
            .orElseGet(context.authenticators().headers()::resultWithoutCredential);
    if (credential.isEmpty() && result instanceof AuthenticationResult.Accepted) {
      checkAccess(() -> CsrfProtection.requireSameOrigin(head, context.origin(), context.cors()));
    }
    if (result instanceof AuthenticationResult.Undecided) {
      RequestCredential presented = credential.orElseThrow();
      runBlocking(
          matched,
          () -> context.authenticators().of(presented).verify(presented.secret()),
          verified -> authorize(matched, verified));
    } else {
      authorize(matched, result);
    }
    return Optional.empty();
  }

  /// A credential in a header takes precedence over the session cookie, which is then ignored.
  private Optional<RequestCredential> findCredential() {
    Optional<RequestCredential> header = RequestCredential.ofHeaders(request.headers());
    if (header.isPresent() || context.authenticators().sessions().isEmpty()) {
      return header;
    }
    Optional<RequestCredential> session =
        RequestCredential.of(head.cookie(HostCookie.SESSION, context.origin()));
    if (session.isPresent()) {
      var _ = CsrfProtection.requireOwnPageOfSession(head, context.origin());
    }
    return session;
  }

  /// Runs a blocking step of authentication or authorization on a virtual thread. Receiving the
  /// body is paused meanwhile.
  ///
  /// @param next continues with the result, on the event loop
  private <T> void runBlocking(Endpoint matched, Supplier<T> computation, Consumer<T> next) {
    authorizing = true;
    if (matched.body().isPresent()) {
      request.pause();
    }
    context
        .handlerThreads()
        .newThread(() -> {
          MDC.put(MDC_REQUEST_ID, id);
          Supplier<T> result = AccessControl.capture(computation);
          loop.enqueue(() -> onBlockingResult(matched, result, next));
        })
        .start();
  }

  private <T> void onBlockingResult(Endpoint matched, Supplier<T> result, Consumer<T> next) {
    boolean pending = authorizing;
    authorizing = false;
    runStep(() -> {
      try {
        if (pending) {
          next.accept(result.get());
        }
        return Optional.empty();
      } finally {
        // Before any response: a connection whose request is paused when the response is written
        // reads no further requests.
        if (matched.body().isPresent() && bodyStream.isEmpty() && !authorizing) {
          request.resume();
        }
      }
    });
  }

  /// Authorizes the caller for the matched route.
  private void authorize(Endpoint matched, AuthenticationResult result) {
    caller = checkAccess(() -> AccessControl.check(result));
    responseWriter.setCaller(caller);
    switch (checkAccess(() -> AccessControl.check(caller, matched, pathValues))) {
      case AccessControl.Permission.Granted _ -> {
        credential.ifPresent(this::watchCredential);
        onAuthorized(matched);
      }
      case AccessControl.Permission.AgentLookup(var lookUp) ->
          runBlocking(
              matched,
              lookUp,
              agent -> {
                pathValues =
                    checkAccess(
                        () -> AccessControl.authorizeAgent(caller, matched, pathValues, agent));
                credential.ifPresent(this::watchCredential);
                onAuthorized(matched);
              });
    }
  }

  /// Ends the request if its API key is revoked or expires, or its session ends. The expiry of an
  /// OIDC token does not end a request in progress.
  private void watchCredential(RequestCredential presented) {
    if (presented.isSession() || caller.kind() == Caller.Kind.KEY) {
      responseWriter.setUnwatch(
          context
              .credentialMonitor()
              .watch(presented, detail -> loop.enqueue(() -> onCredentialRejected(detail))));
    }
  }

  private void onCredentialRejected(String detail) {
    RequestRejectedException rejection = RequestCredential.unauthenticated(detail);
    rejectBody(rejection.withClose());
    clientDisconnect.reject(rejection);
    failBodyStream(rejection);
    responseWriter.endStream(detail);
  }

  private <T> T checkAccess(Supplier<T> step) {
    try {
      return step.get();
    } catch (RequestRejectedException rejection) {
      // The body of an unauthorized request is not received.
      throw head.hasBody() ? rejection.withClose() : rejection;
    }
  }

  private void onAuthorized(Endpoint matched) {
    query = matched.parseQuery(head.query());
    if (matched.body().isPresent()) {
      BodyFormat format = matched.body().get();
      maxBytes = format.maxBytes(context.settings().maxBodySize());
      format.validateHead(head);
      if (head.contentLength() > maxBytes) {
        throw format.tooLarge(maxBytes);
      }
      if (format instanceof BodyFormat.StreamFormat) {
        bodyStream =
            Optional.of(
                new ReceivedBody(loop, request, head, connection, maxBytes, this::rejectStream));
        handle(matched);
      } else {
        receiveBody();
      }
    } else {
      handle(matched);
    }
  }

  private Router.Match matchRoute() {
    try {
      return context.router().match(head.method(), head.path());
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException("path", String.valueOf(e.getMessage()));
    }
  }

  private static String allowHeader(Set<Method> methods) {
    Stream<String> implied =
        methods.contains(Method.GET) ? Stream.of("HEAD", "OPTIONS") : Stream.of("OPTIONS");
    return Stream.concat(methods.stream().map(Method::name), implied)
        .collect(Collectors.joining(", "));
  }

  private void receiveBody() {
    receiving = true;
    request
        .handler(this::onBodyChunk)
        .endHandler(_ -> onBodyEnd())
        .exceptionHandler(_ -> rejectBody(malformedBody()));
    if (head.expectsContinue()) {
      request.response().writeContinue();
    }
  }

  private void onBodyChunk(Buffer chunk) {
    if (!receiving) {
      return;
    }
    if (body.length() + chunk.length() > maxBytes) {
      rejectBody(endpoint.flatMap(Endpoint::body).orElseThrow().tooLarge(maxBytes));
      return;
    }
    if (!memory.tryGrow(chunk.length())) {
      rejectBody(RequestRejectedException.overloaded().withClose());
      return;
    }
    body = body.length() == 0 ? chunk : body.appendBuffer(chunk);
  }

  private void onBodyEnd() {
    if (receiving) {
      receiving = false;
      handle(endpoint.orElseThrow());
    }
  }

  private static RequestRejectedException malformedBody() {
    return RequestHead.malformed("body: must be well-formed HTTP/1.1");
  }

  /// Rejects the request because its body exceeded the read timeout, which applies to each part of
  /// a body that the handler receives as it arrives.
  void onReadTimeout() {
    if (bodyStream.isPresent() && !bodyStream.get().isStalled(context.settings().readTimeout())) {
      return;
    }
    long timeout = context.settings().readTimeout().toMillis();
    RequestRejectedException rejection =
        RequestRejectedException.of(
                ProblemType.REQUEST_TIMEOUT,
                "the body was not received within the read timeout of %d ms".formatted(timeout))
            .withClose();
    rejectBody(rejection);
    rejectStream(rejection);
  }

  private void rejectStream(ReceivedBody.Failure failure) {
    rejectStream(
        switch (failure) {
          case TOO_LARGE -> endpoint.flatMap(Endpoint::body).orElseThrow().tooLarge(maxBytes);
          case MALFORMED -> malformedBody();
        });
  }

  /// Rejects the request, whose handler receives the body as it arrives.
  private void rejectStream(RequestRejectedException rejection) {
    if (bodyStream.isPresent()) {
      clientDisconnect.reject(rejection);
      failBodyStream(rejection);
    }
  }

  private void failBodyStream(Throwable failure) {
    bodyStream.ifPresent(it -> it.fail(failure));
  }

  private void rejectBody(RequestRejectedException rejection) {
    if (receiving) {
      receiving = false;
      body = NO_BODY;
      respondOnEventLoop(() -> toProblemResponse(rejection));
    }
  }

  /// Cancels the request because the client disconnected.
  void onClientDisconnect() {
    clientDisconnect.markDisconnected();
    responseWriter.cancel();
    failBodyStream(RequestHead.malformed("body: the client closed the connection before its end"));
    if (receiving || authorizing) {
      receiving = false;
      authorizing = false;
      respondOnEventLoop(
          () -> EncodedResponse.empty(ResponseWriter.CLIENT_CLOSED_REQUEST, Map.of()));
    }
  }

  private void handle(Endpoint matched) {
    // The builder of the route ties the handler to the type of the request body.
    @SuppressWarnings("unchecked")
    Route.Handler<Object> handler = (Route.Handler<Object>) matched.route().handler();
    switch (handler) {
      case Route.Handler.Blocking<Object> blocking ->
          runOnVirtualThread(() -> respond(actor().call(() -> handle(matched, blocking))));
      case Route.Handler.NonBlocking<Object> nonBlocking
          when body.length() <= EventLoop.MAX_INLINE_BYTES ->
          handle(matched, nonBlocking);
      case Route.Handler.NonBlocking<Object> nonBlocking ->
          runOnVirtualThread(() -> handle(matched, nonBlocking));
    }
  }

  private void runOnVirtualThread(Runnable task) {
    context
        .handlerThreads()
        .newThread(() -> {
          MDC.put(MDC_REQUEST_ID, id);
          EventLoops.callWithCurrent(loop, task);
        })
        .start();
  }

  private Actor actor() {
    return new Actor(
        caller, Optional.of(clientAddress).filter(it -> !it.isEmpty()), Optional.of(id));
  }

  private EncodedResponse handle(Endpoint matched, Route.Handler.Blocking<Object> handler) {
    try {
      return EncodedResponse.of(handler.function().apply(readRequest(matched)));
    } catch (Throwable e) {
      return toProblemResponse(clientDisconnect.failureCause(e));
    }
  }

  private void handle(Endpoint matched, Route.Handler.NonBlocking<Object> handler) {
    CompletableFuture<Response> result;
    try {
      result = actor().call(() -> handler.function().apply(readRequest(matched)));
    } catch (Throwable e) {
      result = CompletableFuture.failedFuture(e);
    }
    var _ =
        result.whenComplete((response, thrown) ->
            loop.execute(() -> respondOnEventLoop(() -> toResponse(response, thrown))));
  }

  private EncodedResponse toResponse(@Nullable Response response, @Nullable Throwable thrown) {
    if (response != null) {
      try {
        return EncodedResponse.of(response);
      } catch (RuntimeException e) {
        return toProblemResponse(e);
      }
    }
    Throwable cause = Completions.cause(Objects.requireNonNull(thrown));
    return toProblemResponse(clientDisconnect.failureCause(cause));
  }

  private Request<Object> readRequest(Endpoint matched) {
    FieldErrors errors = new FieldErrors();
    Optional<Object> content =
        bodyStream.isPresent()
            ? Optional.of(bodyStream.get())
            : matched.body().flatMap(format -> errors.collect(() -> readBody(format)));
    RoutedRequest routed =
        new RoutedRequest(
            matched,
            pathValues,
            query,
            head,
            content,
            credential,
            caller,
            context.origin(),
            id,
            loop,
            memory,
            clientDisconnect,
            logFields);
    routed.check(errors);
    errors.throwIfAny();
    return routed;
  }

  private Object readBody(BodyFormat format) {
    byte[] bytes = body.getBytes();
    body = NO_BODY;
    return format.read(bytes, head.mediaType(), memory);
  }

  private EncodedResponse toProblemResponse(Throwable thrown) {
    ErrorFormat format =
        endpoint
            .map(it -> it.group().conventions())
            .or(() -> conventions)
            .orElseGet(() -> context.router().conventions(head.path()))
            .errors()
            .forRequest(request.headers()::contains);
    return ProblemMapper.toResponse(thrown, endpoint, format, head.path(), id);
  }

  /// Sends the response from the event loop.
  private void respondOnEventLoop(Supplier<EncodedResponse> response) {
    try (MDC.MDCCloseable _ = MDC.putCloseable(MDC_REQUEST_ID, id)) {
      respond(response.get());
    }
  }

  private void respond(EncodedResponse response) {
    memory.close();
    boolean isIncomplete = bodyStream.map(ReceivedBody::isIncomplete).orElse(false);
    bodyStream.ifPresent(
        response.streamed().isPresent()
            ? ReceivedBody::discardUnlessSubscribed
            : ReceivedBody::discard);
    responseWriter.send(
        isIncomplete && response.streamed().isEmpty() ? response.withClose() : response,
        endpoint,
        this::toProblemResponse);
  }
}
