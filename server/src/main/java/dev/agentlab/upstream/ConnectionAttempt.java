package dev.agentlab.upstream;

import com.google.re2j.Pattern;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.net.Host;
import dev.agentlab.upstream.UpstreamException.Kind;
import io.netty.handler.codec.TooLongFrameException;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One attempt to call one address. Connects, sends and receives on one event loop without any
/// other thread, because a thread switch costs more than the rest of the work.
final class ConnectionAttempt {
  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence EVENT_STREAM =
      HttpHeaders.createOptimized("text/event-stream, application/json");
  private static final CharSequence IDENTITY = HttpHeaders.createOptimized("identity");
  private static final CharSequence USER_AGENT = HttpHeaders.createOptimized("agent-lab");

  /// The parameters of a media type.
  private static final Pattern MEDIA_TYPE_PARAMETERS = Pattern.compile(";.*");

  /// The zone of an IPv6 address.
  private static final Pattern IPV6_ZONE = Pattern.compile("%.*");

  /// Maximum number of bytes read of an error response: enough for its message.
  private static final int MAX_ERROR_BYTES = 256 << 10;

  /// The step that the attempt waits for.
  enum Step {
    CONNECTION,
    HEAD,
    BODY
  }

  private final UpstreamCall.Resources resources;
  private final Context loop;
  private final UpstreamRequest upstreamRequest;
  private final UpstreamLimits limits;
  private final boolean mayStream;
  private final CallProgress progress;
  private final CompletableFuture<Transport.Result> result = new CompletableFuture<>();
  private volatile Step step = Step.CONNECTION;

  /// Whether the connection has carried an earlier call.
  private volatile boolean reused;

  /// Confined to the event loop, like [#cancelled].
  private @Nullable HttpClientRequest httpRequest;

  private boolean cancelled;

  /// @param mayStream whether a successful streaming response is returned as soon as its head has
  ///   arrived
  ConnectionAttempt(
      UpstreamCall.Resources resources,
      Context loop,
      UpstreamRequest upstreamRequest,
      UpstreamLimits limits,
      boolean mayStream,
      CallProgress progress) {
    this.resources = resources;
    this.loop = loop;
    this.upstreamRequest = upstreamRequest;
    this.limits = limits;
    this.mayStream = mayStream;
    this.progress = progress;
  }

  /// Starts the attempt.
  ///
  /// @return the response; fails with an [UpstreamException]
  CompletableFuture<Transport.Result> start(InetAddress address) {
    loop.runOnContext(_ -> runGuarded(() -> connect(address)));
    return result;
  }

  Step step() {
    return step;
  }

  /// Whether the failure means that the upstream closed a reused connection in the meantime. No
  /// part of a response was received, so a retry is safe.
  boolean isStaleConnection(UpstreamException failure) {
    return reused && failure.kind() == Kind.RESET;
  }

  /// Cancels the attempt.
  void cancel() {
    loop.runOnContext(_ -> {
      cancelled = true;
      if (httpRequest != null) {
        httpRequest.reset();
      }
    });
  }

  private void connect(InetAddress address) {
    if (cancelled) {
      return;
    }
    Origin origin = progress.origin();
    RequestOptions options =
        new RequestOptions()
            .setMethod(upstreamRequest.body().isPresent() ? HttpMethod.POST : HttpMethod.GET)
            .setServer(socketAddress(address))
            .setSsl(origin.secure())
            .setHost(origin.host().toString())
            .setPort(origin.port())
            .setURI(requestTarget())
            .setFollowRedirects(false);
    if (limits.connectTimeout().compareTo(resources.connectTimeout()) < 0) {
      // Set only when shorter than the default: it includes TLS, and its error does not say which
      // of the two timed out.
      options.setConnectTimeout(limits.connectTimeout().toMillis());
    }
    resources
        .http()
        .request(options)
        .onSuccess(connected -> runGuarded(() -> send(connected)))
        .onFailure(e -> fail(UpstreamExceptionMapper::ofConnect, e));
  }

  private void send(HttpClientRequest connected) {
    if (cancelled) {
      connected.reset();
      return;
    }
    httpRequest = connected;
    progress.markConnected();
    step = Step.HEAD;
    ConnectionPool.Use use =
        resources
            .connectionPool()
            .register(
                connected.connection(),
                connected.connection().remoteAddress(),
                limits.maxIdleConnections());
    reused = use == ConnectionPool.Use.REUSED;
    if (use == ConnectionPool.Use.SINGLE_USE) {
      connected.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    connected.putHeader(HttpHeaders.ACCEPT, mayStream ? EVENT_STREAM : JSON);
    connected.putHeader(HttpHeaders.ACCEPT_ENCODING, IDENTITY);
    connected.putHeader(HttpHeaders.USER_AGENT, USER_AGENT);
    upstreamRequest.plainHeaders().forEach(connected::putHeader);
    upstreamRequest
        .secretHeaders()
        .forEach((name, value) -> connected.putHeader(name, value.reveal()));
    connected
        .response()
        .onSuccess(response -> runGuarded(() -> receive(response)))
        .onFailure(e -> fail(UpstreamExceptionMapper::ofResponse, e));
    if (upstreamRequest.body().isPresent()) {
      connected.putHeader(HttpHeaders.CONTENT_TYPE, JSON);
      connected.send(Buffer.buffer(upstreamRequest.body().get()));
    } else {
      connected.send();
    }
  }

  /// Attaches the body handlers together with the head: data that arrives without a handler is
  /// lost.
  private void receive(HttpClientResponse response) {
    step = Step.BODY;
    boolean succeeded = response.statusCode() / 100 == 2;
    if (succeeded && isEncoded(response)) {
      result.completeExceptionally(progress.createException(Kind.UNEXPECTED_ENCODING, null));
      response.request().reset();
    } else if (mayStream && succeeded && !isJson(response)) {
      UpstreamBody body =
          new UpstreamBody(
              resources.vertx(),
              loop,
              response,
              limits,
              progress.startNanos(),
              progress::createException);
      result.complete(
          new UpstreamStream(response.statusCode(), headers(response), body, progress.timings()));
    } else {
      collect(response);
    }
  }

  private static boolean isEncoded(HttpClientResponse response) {
    String encoding = response.headers().get(HttpHeaders.CONTENT_ENCODING);
    return encoding != null
        && !encoding.isBlank()
        && !encoding.strip().equalsIgnoreCase("identity");
  }

  /// Whether the response is a single JSON value. Any other type may be a stream: some servers
  /// label streams as plain text.
  private static boolean isJson(HttpClientResponse response) {
    String contentType = response.headers().get(HttpHeaders.CONTENT_TYPE);
    String type =
        contentType == null
            ? ""
            : MEDIA_TYPE_PARAMETERS
                .matcher(contentType)
                .replaceFirst("")
                .strip()
                .toLowerCase(Locale.ROOT);
    return type.equals("application/json") || type.endsWith("+json");
  }

  private void collect(HttpClientResponse response) {
    Buffer collected = Buffer.buffer();
    boolean isError = response.statusCode() / 100 != 2;
    int maxErrorBytes = Math.min(MAX_ERROR_BYTES, limits.maxBodyBytes());
    MemoryBudget.Reservation memory = resources.memory().open();
    var _ = result.whenComplete((_, _) -> memory.close());
    response.exceptionHandler(e -> fail(UpstreamExceptionMapper::ofBody, e));
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
        fail(UpstreamExceptionMapper::ofBody, new TooLongFrameException());
        response.request().reset();
      } else if (!memory.tryGrow(chunk.length())) {
        fail(Kind.OUT_OF_MEMORY, null);
        response.request().reset();
      } else {
        collected.appendBuffer(chunk);
      }
    });
  }

  private void completeResponse(HttpClientResponse response, Buffer body) {
    result.complete(
        new UpstreamResponse(
            response.statusCode(), headers(response), body.getBytes(), progress.timings()));
  }

  /// Runs a step and fails the attempt on an unexpected exception, such as an invalid header, so
  /// that the caller does not wait forever. Drops the exception message: it may contain the header,
  /// which may be a key.
  private void runGuarded(Runnable next) {
    try {
      next.run();
    } catch (RuntimeException e) {
      IllegalStateException failure =
          new IllegalStateException("cannot send the request: " + e.getClass().getName());
      failure.setStackTrace(e.getStackTrace());
      result.completeExceptionally(failure);
      if (httpRequest != null) {
        httpRequest.reset();
      }
    }
  }

  private void fail(Function<Throwable, Kind> kind, Throwable cause) {
    fail(kind.apply(cause), cause);
  }

  private void fail(Kind kind, @Nullable Throwable cause) {
    if (!result.isDone()) {
      result.completeExceptionally(progress.createException(kind, cause));
    }
  }

  private static Map<String, String> headers(HttpClientResponse head) {
    Map<String, String> headers = new HashMap<>();
    head.headers()
        .forEach((name, value) -> headers.putIfAbsent(name.toLowerCase(Locale.ROOT), value));
    return headers;
  }

  private String requestTarget() {
    String path = upstreamRequest.url().getRawPath();
    String query = upstreamRequest.url().getRawQuery();
    return (path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
  }

  /// The address as a numeric literal, so that the HTTP client cannot resolve the name again.
  /// Without a zone, because the egress policy does not check zones.
  private SocketAddress socketAddress(InetAddress address) {
    String digits = IPV6_ZONE.matcher(address.getHostAddress()).replaceFirst("");
    return SocketAddress.inetSocketAddress(progress.origin().port(), Host.inUri(digits));
  }
}
