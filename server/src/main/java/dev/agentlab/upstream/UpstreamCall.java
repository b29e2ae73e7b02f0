package dev.agentlab.upstream;

import dev.agentlab.eventloop.Completions;
import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.net.Host;
import dev.agentlab.proxy.HttpProxy;
import dev.agentlab.proxy.ProxySettings;
import dev.agentlab.secrets.Secret;
import dev.agentlab.upstream.UpstreamException.Kind;
import dev.agentlab.upstream.UpstreamException.Phase;
import dev.agentlab.upstream.UpstreamException.Route;
import dev.agentlab.upstream.UpstreamRequest.ResponseMode;
import io.netty.handler.codec.TooLongFrameException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// One call to an upstream, from name resolution to the head of a streaming response or to the end
/// of a non-streaming response. Tries the addresses of the name in order until one accepts the
/// connection, and repeats the request once for each reused connection that was stale.
///
/// Confined to one event loop, without any other thread once the name is resolved, because a thread
/// switch costs more than the rest of the work.
final class UpstreamCall {
  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence EVENT_STREAM =
      HttpHeaders.createOptimized("text/event-stream, application/json");
  private static final CharSequence ANY = HttpHeaders.createOptimized("*/*");
  private static final CharSequence IDENTITY = HttpHeaders.createOptimized("identity");
  private static final CharSequence USER_AGENT = HttpHeaders.createOptimized("agent-lab");
  private static final CharSequence PROXY_AUTHORIZATION =
      HttpHeaders.createOptimized("proxy-authorization");

  /// Maximum number of addresses that are tried for one name.
  private static final int MAX_ADDRESSES = 4;

  /// Maximum number of bytes read of an error response: enough for its message.
  private static final int MAX_ERROR_BYTES = 256 << 10;

  /// The resources that all calls of one client share.
  ///
  /// @param proxies of the service
  /// @param authorities that the HTTP client trusts beside those of the JDK
  /// @param connectTimeout timeout of the HTTP client for TCP and for TLS
  /// @param memory for the non-streaming responses in progress
  record Resources(
      HttpClientsByLoop http,
      EgressPolicy egressPolicy,
      ProxySettings proxies,
      CertificateAuthorities authorities,
      NameLookup nameLookup,
      Duration connectTimeout,
      ConnectionPool connectionPool,
      MemoryBudget memory) {}

  /// The step that the call waits for.
  private enum Step {
    RESOLUTION,
    CONNECTION,
    HEAD,
    BODY
  }

  private final Resources resources;
  private final EventLoop loop;
  private final UpstreamRequest upstreamRequest;
  private final UpstreamLimits limits;
  private final Optional<HttpProxy> proxy;
  private final CallProgress progress;
  private final CompletableFuture<Transport.Result> result = new CompletableFuture<>();

  private Step step = Step.RESOLUTION;
  private Iterator<InetAddress> candidates = Collections.emptyIterator();

  /// The number of connections tried; signals of earlier ones are ignored.
  private int attempt;

  /// Whether the current connection has carried an earlier call, so it may be stale.
  private boolean reused;

  /// The end of the current connection attempt, in the time of [System#nanoTime].
  private long connectDeadline;

  /// The upload of a streamed body.
  private final Optional<RequestUpload> upload;

  /// The start of the wait for the head of the response, in the time of [System#nanoTime]: of the
  /// call, or of the end of the upload.
  private long headAwaitedSince;

  private @Nullable HttpClientRequest httpRequest;

  /// The body of the response, if it is a stream.
  private @Nullable UpstreamBody responseBody;

  private EventLoop.Timer timer = EventLoop.Timer.NONE;

  /// @param loop the event loop that receives the response
  UpstreamCall(
      Resources resources, EventLoop loop, UpstreamRequest upstreamRequest, UpstreamLimits limits) {
    this.resources = resources;
    this.loop = loop;
    this.upstreamRequest = upstreamRequest;
    this.limits = limits;
    Origin origin = Origin.of(upstreamRequest.url());
    Optional<ProxySettings> ownProxy = upstreamRequest.network().proxy();
    this.proxy =
        ownProxy.orElse(resources.proxies()).find(origin.secure(), origin.host(), origin.port());
    Route route =
        proxy.isEmpty()
            ? Route.DIRECT
            : ownProxy.isPresent() ? Route.OWN_PROXY : Route.SERVICE_PROXY;
    this.progress = new CallProgress(origin, route);
    this.headAwaitedSince = progress.startNanos();
    this.upload =
        upstreamRequest.body() instanceof UpstreamRequest.Body.Stream stream
            ? Optional.of(new RequestUpload(loop, stream.parts(), new UploadListener()))
            : Optional.empty();
  }

  private final class UploadListener implements RequestUpload.Listener {
    @Override
    public void onProgress() {
      headAwaitedSince = System.nanoTime();
    }

    /// The reason is known to the owner of the source.
    @Override
    public void onFailure(Throwable failure) {
      UpstreamBody body = responseBody;
      if (body == null) {
        fail(Kind.CANCELLED, failure);
      } else {
        body.fail(progress.createException(Kind.CANCELLED, failure));
      }
    }
  }

  /// Starts the call.
  ///
  /// @return completed on the event loop; fails with an [UpstreamException]
  CompletableFuture<Transport.Result> start(Cancellation cancellation) {
    Runnable unregister =
        cancellation.onCancel(() -> loop.execute(() -> fail(Kind.CANCELLED, null)));
    var _ = result.whenComplete((_, _) -> onEnd(unregister));
    loop.execute(() -> runGuarded(this::resolve));
    return result;
  }

  private void onEnd(Runnable unregister) {
    unregister.run();
    timer.cancel();
  }

  /// Resolves the host to connect to, which is that of the proxy if there is one.
  private void resolve() {
    if (proxy.isPresent()) {
      Optional<EgressDenial> denial =
          resources.egressPolicy().denialThroughProxy(progress.origin().host());
      if (denial.isPresent()) {
        fail(progress.createDenial(denial.get()));
        return;
      }
    }
    Host host = connectedHost();
    Optional<InetAddress> literal = host.address();
    if (literal.isPresent()) {
      connectToOneOf(List.of(literal.get()));
      return;
    }
    restartTimer();
    var _ =
        resources
            .nameLookup()
            .resolve(host.text())
            .whenComplete((addresses, failure) ->
                loop.execute(() -> runGuarded(() -> onResolved(addresses, failure))));
  }

  /// The host to which the call connects: that of the proxy, if there is one.
  private Host connectedHost() {
    return proxy.map(HttpProxy::host).orElse(progress.origin().host());
  }

  private void onResolved(@Nullable List<InetAddress> addresses, @Nullable Throwable failure) {
    Throwable cause = failure == null ? null : Completions.cause(failure);
    if (cause instanceof RejectedExecutionException) {
      fail(Kind.RESOLVER_BUSY, cause);
    } else if (addresses == null || addresses.isEmpty()) {
      fail(Kind.UNRESOLVED, cause);
    } else {
      connectToOneOf(addresses);
    }
  }

  private void connectToOneOf(List<InetAddress> addresses) {
    for (InetAddress address : addresses) {
      Optional<EgressDenial> denial =
          progress.route() == Route.SERVICE_PROXY
              ? EgressPolicy.denialOfConfiguredProxy(address)
              : resources.egressPolicy().denial(address);
      if (denial.isPresent()) {
        fail(progress.createDenial(denial.get()));
        return;
      }
    }
    progress.markResolved();
    candidates = addresses.subList(0, Math.min(MAX_ADDRESSES, addresses.size())).iterator();
    connect(candidates.next());
  }

  private void connect(InetAddress address) {
    if (result.isDone()) {
      return;
    }
    int current = ++attempt;
    step = Step.CONNECTION;
    // The client bounds TCP and TLS; this also bounds the wait for a free connection.
    connectDeadline = System.nanoTime() + 3 * limits.connectTimeout().toNanos();
    restartTimer();
    resources
        .http()
        .get(loop)
        .request(options(address))
        .onSuccess(connected -> runGuarded(() -> send(current, address, connected)))
        .onFailure(
            e -> onAttemptFailure(current, address, UpstreamExceptionMapper.ofConnect(e), e));
  }

  private RequestOptions options(InetAddress address) {
    Origin origin = progress.origin();
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.valueOf(upstreamRequest.method()))
            .setSsl(origin.secure())
            .setHost(origin.host().toString())
            .setPort(origin.port())
            .setURI(requestTarget())
            .setFollowRedirects(false);
    if (proxy.isEmpty()) {
      options.setServer(socketAddress(address, origin.port()));
    } else if (origin.secure()) {
      // Connects to the proxy only, which gets the name of the host in a CONNECT request.
      options
          .setServer(SocketAddress.inetSocketAddress(origin.port(), origin.host().toString()))
          .setProxyOptions(proxyOptions(proxy.get(), address));
    } else {
      options
          .setServer(socketAddress(address, proxy.get().port()))
          .setURI(origin + requestTarget());
    }
    if (origin.secure() && !upstreamRequest.network().authorities().isEmpty()) {
      options.setSslOptions(
          UpstreamClient.sslOptions(
              resources.authorities().plus(upstreamRequest.network().authorities()),
              resources.connectTimeout()));
    }
    if (limits.connectTimeout().compareTo(resources.connectTimeout()) < 0) {
      // Set only when shorter than the default: it includes TLS, and its error does not say which
      // of the two timed out.
      options.setConnectTimeout(limits.connectTimeout().toMillis());
    }
    return options;
  }

  /// The address as a numeric literal, so that the HTTP client cannot resolve the name again.
  /// Without a zone, because the egress policy does not check zones.
  private static SocketAddress socketAddress(InetAddress address, int port) {
    return SocketAddress.inetSocketAddress(port, Host.inUri(digits(address)));
  }

  private static String digits(InetAddress address) {
    String literal = address.getHostAddress();
    int zone = literal.indexOf('%');
    return zone < 0 ? literal : literal.substring(0, zone);
  }

  private ProxyOptions proxyOptions(HttpProxy through, InetAddress address) {
    ProxyOptions options =
        new ProxyOptions()
            .setType(ProxyType.HTTP)
            .setHost(digits(address))
            .setPort(through.port())
            .setConnectTimeout(limits.connectTimeout());
    through.authorization().map(Secret::reveal).ifPresent(options::setProxyAuthorization);
    return options;
  }

  private String requestTarget() {
    String path = upstreamRequest.url().getRawPath();
    String query = upstreamRequest.url().getRawQuery();
    return (path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
  }

  private void send(int current, InetAddress address, HttpClientRequest connected) {
    if (result.isDone() || current != attempt) {
      connected.reset();
      return;
    }
    httpRequest = connected;
    // Also reports the end of a connection on which nothing has been sent yet. By default, the
    // library logs the failure.
    connected.exceptionHandler(e -> {
      if (step == Step.HEAD) {
        onAttemptFailure(current, address, UpstreamExceptionMapper.ofResponse(e), e);
      }
    });
    progress.markConnected();
    step = Step.HEAD;
    ConnectionPool.Use use =
        resources
            .connectionPool()
            .register(
                connected.connection(),
                List.of(loop, connectionKey(connected)),
                resources.http().shareOf(limits.maxIdleConnections()));
    reused = use == ConnectionPool.Use.REUSED;
    if (use == ConnectionPool.Use.SINGLE_USE) {
      connected.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    connected.putHeader(
        HttpHeaders.ACCEPT,
        switch (upstreamRequest.responseMode()) {
          case COMPLETE -> JSON;
          case EVENTS -> EVENT_STREAM;
          case RAW -> ANY;
        });
    connected.putHeader(HttpHeaders.ACCEPT_ENCODING, IDENTITY);
    connected.putHeader(HttpHeaders.USER_AGENT, USER_AGENT);
    if (!progress.origin().secure()) {
      proxy
          .flatMap(HttpProxy::authorization)
          .ifPresent(value -> connected.putHeader(PROXY_AUTHORIZATION, value.reveal()));
    }
    if (upstreamRequest.body() instanceof UpstreamRequest.Body.Bytes
        && upstreamRequest.responseMode() != ResponseMode.RAW) {
      connected.putHeader(HttpHeaders.CONTENT_TYPE, JSON);
    }
    upstreamRequest.plainHeaders().forEach(connected::putHeader);
    upstreamRequest
        .secretHeaders()
        .forEach((name, value) -> connected.putHeader(name, value.reveal()));
    connected
        .response()
        .onSuccess(response -> runGuarded(() -> receive(response)))
        .onFailure(
            e -> onAttemptFailure(current, address, UpstreamExceptionMapper.ofResponse(e), e));
    switch (upstreamRequest.body()) {
      case UpstreamRequest.Body.None _ -> connected.send();
      case UpstreamRequest.Body.Bytes(byte[] bytes) -> connected.send(Buffer.buffer(bytes));
      case UpstreamRequest.Body.Stream stream -> {
        if (stream.length().isPresent()) {
          connected.putHeader(
              HttpHeaders.CONTENT_LENGTH, Long.toString(stream.length().getAsLong()));
        } else {
          connected.setChunked(true);
        }
        upload.orElseThrow().sendTo(connected);
      }
    }
  }

  /// Identifies the connections that count together: those to an address or, through a proxy, to an
  /// origin.
  private Object connectionKey(HttpClientRequest connected) {
    return proxy.isEmpty()
        ? connected.connection().remoteAddress()
        : new ProxiedOrigin(proxy.get(), progress.origin());
  }

  private record ProxiedOrigin(HttpProxy proxy, Origin origin) {}

  /// Connects to the next address after a failed connection, and again to the same one after a
  /// stale connection: no part of a response was received, so that is safe.
  private void onAttemptFailure(int current, InetAddress address, Kind kind, Throwable cause) {
    if (result.isDone() || current != attempt) {
      return;
    }
    boolean isRepeatable = upload.map(RequestUpload::isRepeatable).orElse(true);
    if (step == Step.HEAD && reused && kind == Kind.RESET && isRepeatable) {
      runGuarded(() -> connect(address));
    } else if (kind.phase() == Phase.CONNECT
        && kind != Kind.BUSY
        && !kind.isProxyResponse()
        && candidates.hasNext()) {
      runGuarded(() -> connect(candidates.next()));
    } else {
      fail(kind, cause);
    }
  }

  /// Attaches the body handlers together with the head: data that arrives without a handler is
  /// lost.
  private void receive(HttpClientResponse response) {
    // Replaced by the handlers of a body that is read. By default, the library logs the failure.
    response.exceptionHandler(_ -> {});
    if (result.isDone()) {
      return;
    }
    step = Step.BODY;
    boolean succeeded = response.statusCode() / 100 == 2;
    if (response.statusCode() == UpstreamExceptionMapper.PROXY_AUTHENTICATION_REQUIRED
        && proxy.isPresent()) {
      fail(Kind.PROXY_CREDENTIALS, null);
    } else if (upstreamRequest.responseMode() == ResponseMode.RAW) {
      stream(response, ResponseHeaders.toJoinedMap(response));
    } else if (succeeded && ResponseHeaders.isEncoded(response)) {
      fail(Kind.UNEXPECTED_ENCODING, null);
    } else if (upstreamRequest.acceptsStream() && succeeded && !ResponseHeaders.isJson(response)) {
      stream(response, ResponseHeaders.toMap(response));
    } else {
      collect(response);
    }
  }

  private void stream(HttpClientResponse response, Map<String, String> headers) {
    UpstreamBody body =
        new UpstreamBody(
            loop,
            response,
            limits,
            progress.startNanos(),
            headAwaitedSince,
            progress::createException,
            () -> endUpload(response.request()));
    responseBody = body;
    result.complete(new UpstreamStream(response.statusCode(), headers, body, progress.timings()));
  }

  /// Ends the upload after the end of the response, if the upstream has not read all of it.
  private void endUpload(HttpClientRequest request) {
    if (upload.isPresent() && !upload.get().isEnded()) {
      upload.get().cancel();
      request.reset();
    }
  }

  private void collect(HttpClientResponse response) {
    Buffer collected = Buffer.buffer();
    boolean isError = response.statusCode() / 100 != 2;
    int maxErrorBytes = Math.min(MAX_ERROR_BYTES, limits.maxBodyBytes());
    MemoryBudget.Reservation memory = resources.memory().open();
    var _ = result.whenComplete((_, _) -> memory.close());
    response.exceptionHandler(e -> fail(UpstreamExceptionMapper.ofBody(e), e));
    response.endHandler(_ -> completeResponse(response, collected));
    response.handler(chunk -> {
      if (result.isDone()) {
        return;
      }
      int length = collected.length() + chunk.length();
      if (isError && length > maxErrorBytes) {
        collected.appendBuffer(chunk, 0, maxErrorBytes - collected.length());
        completeResponse(response, collected);
        response.request().reset();
      } else if (length > limits.maxBodyBytes()) {
        fail(Kind.TOO_LARGE, new TooLongFrameException());
      } else if (!memory.tryGrow(chunk.length())) {
        fail(Kind.OUT_OF_MEMORY, null);
      } else {
        collected.appendBuffer(chunk);
      }
    });
  }

  private void completeResponse(HttpClientResponse response, Buffer body) {
    result.complete(
        new UpstreamResponse(
            response.statusCode(),
            ResponseHeaders.toMap(response),
            body.getBytes(),
            progress.timings()));
  }

  private void restartTimer() {
    timer.cancel();
    if (!result.isDone()) {
      // At most the shortest timeout, because the end of an upload changes the applicable one.
      long next = Math.min(remainingNanos(), limits.firstByteTimeout().toNanos());
      timer = loop.schedule(Duration.ofNanos(Math.max(0, next)), this::checkTimeout);
    }
  }

  /// The call may have reached a later step than when the timer was set, which has a later
  /// deadline.
  private void checkTimeout() {
    if (result.isDone()) {
      return;
    }
    if (remainingNanos() > 0) {
      restartTimer();
      return;
    }
    if (step == Step.RESOLUTION) {
      // The next call must not wait for a lookup that hangs.
      resources.nameLookup().forget(connectedHost().text());
    }
    fail(
        switch (step) {
          case RESOLUTION -> Kind.RESOLVE_TIMEOUT;
          case CONNECTION -> Kind.CONNECT_TIMEOUT;
          case HEAD, BODY ->
              upload.map(RequestUpload::isAwaitingSource).orElse(false)
                  ? Kind.NOT_SENT
                  : Kind.TIMEOUT;
        },
        null);
  }

  /// The remaining nanoseconds of the current step. The upstream is not late as long as it waits
  /// for the source of the body.
  private long remainingNanos() {
    long total = nanosUntil(limits.totalTimeout());
    long head =
        upload.map(RequestUpload::isAwaitingSource).orElse(false)
            ? total
            : Math.min(
                limits.firstByteTimeout().toNanos() - (System.nanoTime() - headAwaitedSince),
                total);
    return switch (step) {
      case RESOLUTION -> Math.min(nanosUntil(limits.resolveTimeout()), total);
      case CONNECTION -> Math.min(connectDeadline - System.nanoTime(), head);
      case HEAD -> head;
      case BODY -> total;
    };
  }

  /// The remaining nanoseconds of a timeout that started with the call.
  private long nanosUntil(Duration limit) {
    return limit.toNanos() - (System.nanoTime() - progress.startNanos());
  }

  /// Runs a step and fails the call on an unexpected exception, such as an invalid header, so that
  /// the caller does not wait forever. Drops the exception message: it may contain the header,
  /// which may be a key.
  private void runGuarded(Runnable next) {
    try {
      next.run();
    } catch (RuntimeException e) {
      IllegalStateException failure =
          new IllegalStateException("cannot send the request: " + e.getClass().getName());
      failure.setStackTrace(e.getStackTrace());
      fail(failure);
    }
  }

  private void fail(Kind kind, @Nullable Throwable cause) {
    if (!result.isDone()) {
      // The message of the library contains the address of the proxy and text of its response.
      fail(progress.createException(kind, kind.isProxyResponse() ? null : cause));
    }
  }

  private void fail(RuntimeException failure) {
    if (result.completeExceptionally(failure)) {
      upload.ifPresent(RequestUpload::cancel);
      HttpClientRequest sent = httpRequest;
      if (sent != null) {
        sent.reset();
      }
    }
  }
}
