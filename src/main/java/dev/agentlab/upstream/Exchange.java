package dev.agentlab.upstream;

import dev.agentlab.upstream.UpstreamException.Kind;
import dev.agentlab.upstream.UpstreamException.Phase;
import io.netty.handler.codec.TooLongFrameException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One call to an upstream, from the name to the head of the answer and, unless that streams, to
/// its last byte. Belongs to one thread; what it awaits happens on one event loop.
final class Exchange {
  /// A name with more addresses is not tried to its end.
  private static final int MOST_ADDRESSES = 4;

  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence EVENTS =
      HttpHeaders.createOptimized("text/event-stream, application/json");
  private static final CharSequence AGENT = HttpHeaders.createOptimized("agent-lab");

  /// What every exchange of one client shares.
  ///
  /// @param connect what the HTTP client gives TCP and TLS each
  record Means(
      Vertx vertx,
      HttpClient http,
      EgressPolicy egress,
      NameLookup names,
      Duration connect,
      Connections connections) {}

  private final Means means;
  private final Context loop;
  private final UpstreamRequest asked;
  private final UpstreamLimits limits;
  private final Cancellation cancellation;
  private final Origin origin;

  private final long began = System.nanoTime();
  private Optional<Long> resolved = Optional.empty();
  private Optional<Long> connected = Optional.empty();

  /// @param loop where the answer is received
  Exchange(
      Means means,
      Context loop,
      UpstreamRequest asked,
      UpstreamLimits limits,
      Cancellation cancellation) {
    this.means = means;
    this.loop = loop;
    this.asked = asked;
    this.limits = limits;
    this.cancellation = cancellation;
    this.origin = Origin.of(asked.url());
  }

  /// @throws UpstreamException if no whole answer came
  UpstreamResponse whole() {
    return run(request -> {
      Promise<Buffer> body = Promise.promise();
      Future<HttpClientResponse> head = send(request, JSON, response -> collect(response, body));
      HttpClientResponse answer = awaitHead(head, request, left());
      return response(answer, await(body.future(), request));
    });
  }

  /// @throws UpstreamException if no answer came
  Transport.Opened opened() {
    return run(request -> {
      Promise<Buffer> whole = Promise.promise();
      CompletableFuture<UpstreamBody> streaming = new CompletableFuture<>();
      Future<HttpClientResponse> head =
          send(
              request,
              EVENTS,
              response -> {
                if (streams(response)) {
                  streaming.complete(stream(response));
                } else {
                  collect(response, whole);
                }
              });
      Duration first = shorter(limits.firstByte().minus(spent()), left());
      HttpClientResponse answer = awaitHead(head, request, first);
      if (!streams(answer)) {
        return response(answer, await(whole.future(), request));
      }
      return new UpstreamStream(answer.statusCode(), fields(answer), streaming.join(), timings());
    });
  }

  /// Connects and has the rest done with the connection; a second time if it was stale.
  private <T> T run(Function<HttpClientRequest, T> call) {
    List<InetAddress> addresses = resolve();
    addresses.forEach(this::judge);
    resolved = Optional.of(System.nanoTime());
    while (true) {
      HttpClientRequest request = connect(addresses);
      Connections.Use use =
          means
              .connections()
              .use(
                  request.connection(), request.connection().remoteAddress(), limits.connections());
      if (use == Connections.Use.ONCE) {
        request.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      }
      try {
        return call.apply(request);
      } catch (UpstreamException e) {
        // A kept connection may have been closed by the other side meanwhile. If nothing of an
        // answer came, asking again is safe.
        if (use != Connections.Use.AGAIN || e.kind() != Kind.RESET) {
          throw e;
        }
      }
    }
  }

  private List<InetAddress> resolve() {
    Optional<InetAddress> literal = origin.literal();
    if (literal.isPresent()) {
      return List.of(literal.get());
    }
    try {
      List<InetAddress> addresses =
          means.names().addresses(origin.host(), shorter(limits.resolve(), left()));
      if (addresses.isEmpty()) {
        throw failure(Kind.UNRESOLVED, null);
      }
      return addresses;
    } catch (InterruptedException e) {
      throw cancelled(e);
    } catch (RejectedExecutionException e) {
      throw failure(Kind.RESOLVER_BUSY, e);
    } catch (TimeoutException e) {
      throw failure(Kind.RESOLVE_TIMEOUT, e);
    } catch (ExecutionException e) {
      throw failure(Kind.UNRESOLVED, e);
    }
  }

  private void judge(InetAddress address) {
    Optional<Refusal> refusal = means.egress().refusal(address);
    if (refusal.isPresent()) {
      throw new UpstreamException(origin, refusal.get(), timings());
    }
  }

  /// Tries the addresses in their order until one accepts.
  private HttpClientRequest connect(List<InetAddress> addresses) {
    Iterator<InetAddress> candidates = addresses.stream().limit(MOST_ADDRESSES).iterator();
    while (true) {
      try {
        HttpClientRequest request = connect(candidates.next());
        connected = Optional.of(System.nanoTime());
        return request;
      } catch (UpstreamException e) {
        boolean mayWorkElsewhere = e.kind().phase() == Phase.CONNECT && e.kind() != Kind.BUSY;
        if (!mayWorkElsewhere || !candidates.hasNext()) {
          throw e;
        }
      }
    }
  }

  private HttpClientRequest connect(InetAddress address) {
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
      // Only then: it covers TLS as well, and cannot tell which of the two did not end.
      options.setConnectTimeout(limits.connect().toMillis());
    }
    Promise<HttpClientRequest> connecting = Promise.promise();
    loop.runOnContext(_ -> means.http().request(options).onComplete(connecting));
    // The client bounds TCP and TLS each; this bounds the wait for a free connection as well.
    Duration patience = shorter(limits.connect().multipliedBy(3), left());
    Runnable abandon = () -> connecting.future().onSuccess(HttpClientRequest::reset);
    try {
      return await(connecting.future(), patience, abandon);
    } catch (TimeoutException e) {
      throw failure(Kind.CONNECT_TIMEOUT, e);
    } catch (ExecutionException e) {
      throw failure(Causes.connecting(e), e);
    }
  }

  /// Sends the request.
  ///
  /// @param answered called on the event loop when the head has come: a body nobody listens to then
  ///   is lost
  private Future<HttpClientResponse> send(
      HttpClientRequest request, CharSequence accept, Consumer<HttpClientResponse> answered) {
    Promise<HttpClientResponse> head = Promise.promise();
    loop.runOnContext(_ -> {
      request.putHeader(HttpHeaders.ACCEPT, accept);
      request.putHeader(HttpHeaders.USER_AGENT, AGENT);
      asked.plain().forEach(request::putHeader);
      asked.headers().forEach((name, value) -> request.putHeader(name, value.reveal()));
      request.response().onSuccess(answered::accept).onComplete(head);
      if (asked.body().isPresent()) {
        request.putHeader(HttpHeaders.CONTENT_TYPE, JSON);
        request.send(Buffer.buffer(asked.body().get()));
      } else {
        request.send();
      }
    });
    return head.future();
  }

  /// Whether the answer is one to pass on as it comes: a success that is no single JSON value.
  private static boolean streams(HttpClientResponse response) {
    String type = response.headers().get(HttpHeaders.CONTENT_TYPE);
    return response.statusCode() / 100 == 2
        && (type == null
            || type.startsWith("text/event-stream")
            || type.startsWith("application/vnd.amazon.eventstream"));
  }

  private UpstreamBody stream(HttpClientResponse response) {
    return new UpstreamBody(means.vertx(), loop, response, limits, began, this::failure);
  }

  private void collect(HttpClientResponse response, Promise<Buffer> body) {
    Buffer collected = Buffer.buffer();
    response.exceptionHandler(body::tryFail);
    response.endHandler(_ -> body.tryComplete(collected));
    response.handler(chunk -> {
      if (collected.length() + chunk.length() > limits.body()) {
        body.tryFail(new TooLongFrameException());
        response.request().reset();
      } else {
        collected.appendBuffer(chunk);
      }
    });
  }

  private HttpClientResponse awaitHead(
      Future<HttpClientResponse> head, HttpClientRequest request, Duration atMost) {
    try {
      return await(head, atMost, request::reset);
    } catch (TimeoutException e) {
      throw failure(Kind.TIMEOUT, e);
    } catch (ExecutionException e) {
      throw failure(Causes.answering(e), e);
    }
  }

  private Buffer await(Future<Buffer> body, HttpClientRequest request) {
    try {
      return await(body, left(), request::reset);
    } catch (TimeoutException e) {
      throw failure(Kind.TIMEOUT, e);
    } catch (ExecutionException e) {
      throw failure(Causes.reading(e), e);
    }
  }

  /// @param abandon ends what the future stands for, when nobody waits for it any more
  private <T> T await(Future<T> future, Duration atMost, Runnable abandon)
      throws TimeoutException, ExecutionException {
    CompletableFuture<T> awaited = future.toCompletionStage().toCompletableFuture();
    Runnable forget =
        cancellation.onCancel(() -> awaited.completeExceptionally(new CancellationException()));
    try {
      return awaited.get(Math.max(0, atMost.toNanos()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      abandon.run();
      throw cancelled(e);
    } catch (CancellationException e) {
      abandon.run();
      throw failure(Kind.CANCELLED, e);
    } catch (TimeoutException e) {
      abandon.run();
      throw e;
    } finally {
      forget.run();
    }
  }

  private UpstreamResponse response(HttpClientResponse head, Buffer body) {
    return new UpstreamResponse(head.statusCode(), fields(head), body.getBytes(), timings());
  }

  private static Map<String, String> fields(HttpClientResponse head) {
    Map<String, String> fields = new HashMap<>();
    head.headers()
        .forEach((name, value) -> fields.putIfAbsent(name.toLowerCase(Locale.ROOT), value));
    return fields;
  }

  private String target() {
    String path = asked.url().getRawPath();
    String query = asked.url().getRawQuery();
    return (path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
  }

  /// The address under no name but its own digits, so that nothing below can look the name up
  /// again.
  private SocketAddress pinned(InetAddress address) {
    String digits = address.getHostAddress();
    return SocketAddress.inetSocketAddress(
        origin.port(), address instanceof Inet6Address ? "[" + digits + "]" : digits);
  }

  private Duration spent() {
    return Duration.ofNanos(System.nanoTime() - began);
  }

  private Duration left() {
    Duration left = limits.total().minus(spent());
    return left.isNegative() ? Duration.ZERO : left;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private Timings timings() {
    long now = System.nanoTime();
    long connecting = resolved.orElse(now);
    long asking = connected.orElse(now);
    return new Timings(
        Duration.ofNanos(connecting - began),
        Duration.ofNanos(asking - connecting),
        Duration.ofNanos(now - asking));
  }

  private UpstreamException failure(Kind kind, @Nullable Throwable cause) {
    return new UpstreamException(origin, kind, timings(), cause);
  }

  private UpstreamException cancelled(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return failure(Kind.CANCELLED, cause);
  }
}
