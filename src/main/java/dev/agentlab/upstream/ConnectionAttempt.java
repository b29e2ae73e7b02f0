package dev.agentlab.upstream;

import com.google.re2j.Pattern;
import dev.agentlab.memory.MemoryBudget;
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
import java.net.Inet6Address;
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
  private static final CharSequence EVENTS =
      HttpHeaders.createOptimized("text/event-stream, application/json");
  private static final CharSequence IDENTITY = HttpHeaders.createOptimized("identity");
  private static final CharSequence AGENT = HttpHeaders.createOptimized("agent-lab");

  /// The parameters of a media type.
  private static final Pattern PARAMETERS = Pattern.compile(";.*");

  /// The zone of an IPv6 address.
  private static final Pattern ZONE = Pattern.compile("%.*");

  /// Maximum number of bytes read of an error response: enough for its message.
  private static final int MAX_ERROR_BYTES = 256 << 10;

  /// The step that the attempt waits for.
  enum Step {
    CONNECTION,
    HEAD,
    BODY
  }

  private final UpstreamCall.Means means;
  private final Context loop;
  private final UpstreamRequest asked;
  private final UpstreamLimits limits;
  private final boolean mayStream;
  private final CallProgress progress;
  private final CompletableFuture<Transport.Opened> answer = new CompletableFuture<>();
  private volatile Step step = Step.CONNECTION;

  /// Whether the connection has carried an earlier call.
  private volatile boolean reused;

  /// Confined to the event loop, like [#abandoned].
  private @Nullable HttpClientRequest request;

  private boolean abandoned;

  /// @param mayStream whether a successful streaming response is returned as soon as its head has
  ///   arrived
  ConnectionAttempt(
      UpstreamCall.Means resources,
      Context loop,
      UpstreamRequest upstreamRequest,
      UpstreamLimits limits,
      boolean mayStream,
      CallProgress progress) {
    this.means = resources;
    this.loop = loop;
    this.asked = upstreamRequest;
    this.limits = limits;
    this.mayStream = mayStream;
    this.progress = progress;
  }

  /// Starts the attempt.
  ///
  /// @return the response; fails with an [UpstreamException]
  CompletableFuture<Transport.Opened> at(InetAddress address) {
    loop.runOnContext(_ -> guarded(() -> connect(address)));
    return answer;
  }

  Step step() {
    return step;
  }

  /// Whether the failure means that the upstream closed a reused connection in the meantime. No
  /// part of a response was received, so a retry is safe.
  boolean wasStale(UpstreamException failure) {
    return reused && failure.kind() == Kind.RESET;
  }

  /// Cancels the attempt.
  void abandon() {
    loop.runOnContext(_ -> {
      abandoned = true;
      if (request != null) {
        request.reset();
      }
    });
  }

  private void connect(InetAddress address) {
    if (abandoned) {
      return;
    }
    Origin origin = progress.origin();
    RequestOptions options =
        new RequestOptions()
            .setMethod(asked.body().isPresent() ? HttpMethod.POST : HttpMethod.GET)
            .setServer(pinned(address))
            .setSsl(origin.secure())
            .setHost(origin.authorityHost())
            .setPort(origin.port())
            .setURI(target())
            .setFollowRedirects(false);
    if (limits.connect().compareTo(means.connect()) < 0) {
      // Set only when shorter than the default: it includes TLS, and its error does not say which
      // of the two timed out.
      options.setConnectTimeout(limits.connect().toMillis());
    }
    means
        .http()
        .request(options)
        .onSuccess(connected -> guarded(() -> send(connected)))
        .onFailure(e -> failed(FailureCauses::connecting, e));
  }

  private void send(HttpClientRequest connected) {
    if (abandoned) {
      connected.reset();
      return;
    }
    request = connected;
    progress.connected();
    step = Step.HEAD;
    ConnectionPool.Use use =
        means
            .connections()
            .use(
                connected.connection(),
                connected.connection().remoteAddress(),
                limits.connections());
    reused = use == ConnectionPool.Use.AGAIN;
    if (use == ConnectionPool.Use.ONCE) {
      connected.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    connected.putHeader(HttpHeaders.ACCEPT, mayStream ? EVENTS : JSON);
    connected.putHeader(HttpHeaders.ACCEPT_ENCODING, IDENTITY);
    connected.putHeader(HttpHeaders.USER_AGENT, AGENT);
    asked.plain().forEach(connected::putHeader);
    asked.headers().forEach((name, value) -> connected.putHeader(name, value.reveal()));
    connected
        .response()
        .onSuccess(response -> guarded(() -> receive(response)))
        .onFailure(e -> failed(FailureCauses::answering, e));
    if (asked.body().isPresent()) {
      connected.putHeader(HttpHeaders.CONTENT_TYPE, JSON);
      connected.send(Buffer.buffer(asked.body().get()));
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
      answer.completeExceptionally(progress.failure(Kind.ENCODED, null));
      response.request().reset();
    } else if (mayStream && succeeded && !isJson(response)) {
      UpstreamBody body =
          new UpstreamBody(
              means.vertx(), loop, response, limits, progress.began(), progress::failure);
      answer.complete(
          new UpstreamStream(response.statusCode(), fields(response), body, progress.timings()));
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
            : PARAMETERS.matcher(contentType).replaceFirst("").strip().toLowerCase(Locale.ROOT);
    return type.equals("application/json") || type.endsWith("+json");
  }

  private void collect(HttpClientResponse response) {
    Buffer collected = Buffer.buffer();
    boolean isError = response.statusCode() / 100 != 2;
    int maxErrorBytes = Math.min(MAX_ERROR_BYTES, limits.body());
    MemoryBudget.Reservation memory = means.memory().open();
    var _ = answer.whenComplete((_, _) -> memory.close());
    response.exceptionHandler(e -> failed(FailureCauses::reading, e));
    response.endHandler(_ -> collected(response, collected));
    response.handler(chunk -> {
      if (answer.isDone()) {
        return;
      }
      int length = collected.length() + chunk.length();
      if (isError && length > maxErrorBytes) {
        collected.appendBuffer(chunk, 0, maxErrorBytes - collected.length());
        collected(response, collected);
        response.request().reset();
      } else if (length > limits.body()) {
        failed(FailureCauses::reading, new TooLongFrameException());
        response.request().reset();
      } else if (!memory.tryGrow(chunk.length())) {
        failed(Kind.NO_ROOM, null);
        response.request().reset();
      } else {
        collected.appendBuffer(chunk);
      }
    });
  }

  private void collected(HttpClientResponse response, Buffer body) {
    answer.complete(
        new UpstreamResponse(
            response.statusCode(), fields(response), body.getBytes(), progress.timings()));
  }

  /// Runs a step and fails the attempt on an unexpected exception, such as an invalid header, so
  /// that the caller does not wait forever. Drops the exception message: it may contain the header,
  /// which may be a key.
  private void guarded(Runnable next) {
    try {
      next.run();
    } catch (RuntimeException e) {
      IllegalStateException failure =
          new IllegalStateException("cannot send the request: " + e.getClass().getName());
      failure.setStackTrace(e.getStackTrace());
      answer.completeExceptionally(failure);
      if (request != null) {
        request.reset();
      }
    }
  }

  private void failed(Function<Throwable, Kind> kind, Throwable cause) {
    failed(kind.apply(cause), cause);
  }

  private void failed(Kind kind, @Nullable Throwable cause) {
    if (!answer.isDone()) {
      answer.completeExceptionally(progress.failure(kind, cause));
    }
  }

  private static Map<String, String> fields(HttpClientResponse head) {
    Map<String, String> headers = new HashMap<>();
    head.headers()
        .forEach((name, value) -> headers.putIfAbsent(name.toLowerCase(Locale.ROOT), value));
    return headers;
  }

  private String target() {
    String path = asked.url().getRawPath();
    String query = asked.url().getRawQuery();
    return (path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
  }

  /// The address as a numeric literal, so that the HTTP client cannot resolve the name again.
  /// Without a zone, because the egress policy does not check zones.
  private SocketAddress pinned(InetAddress address) {
    String digits = ZONE.matcher(address.getHostAddress()).replaceFirst("");
    return SocketAddress.inetSocketAddress(
        progress.origin().port(), address instanceof Inet6Address ? "[" + digits + "]" : digits);
  }
}
