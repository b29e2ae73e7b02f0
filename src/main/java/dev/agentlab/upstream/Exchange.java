package dev.agentlab.upstream;

import dev.agentlab.secrets.Secret;
import dev.agentlab.upstream.UpstreamException.Kind;
import dev.agentlab.upstream.UpstreamException.Phase;
import io.netty.handler.codec.TooLongFrameException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// One call to an upstream, from the name to the last byte. Belongs to one thread.
final class Exchange {
  /// A name with more addresses is not tried to its end.
  private static final int MOST_ADDRESSES = 4;

  private final HttpClient http;
  private final EgressPolicy egress;
  private final NameLookup names;
  private final UpstreamLimits limits;
  private final Set<HttpConnection> used;
  private final URI url;
  private final Origin origin;
  private final Map<String, Secret> headers;

  private final long began = System.nanoTime();
  private Optional<Long> resolved = Optional.empty();
  private Optional<Long> connected = Optional.empty();

  Exchange(
      HttpClient http,
      EgressPolicy egress,
      NameLookup names,
      UpstreamLimits limits,
      Set<HttpConnection> used,
      URI url,
      Map<String, Secret> headers) {
    this.http = http;
    this.egress = egress;
    this.names = names;
    this.limits = limits;
    this.used = used;
    this.url = url;
    this.origin = Origin.of(url);
    this.headers = headers;
  }

  /// @throws UpstreamException if no whole answer came
  UpstreamResponse run() {
    List<InetAddress> addresses = resolve();
    addresses.forEach(this::judge);
    resolved = Optional.of(System.nanoTime());
    while (true) {
      HttpClientRequest request = connect(addresses);
      boolean fresh = used.add(request.connection());
      Promise<Buffer> body = Promise.promise();
      try {
        HttpClientResponse head = head(request, body);
        return response(head, body(request, body));
      } catch (UpstreamException e) {
        // A kept connection may have been closed by the other side meanwhile. If nothing of an
        // answer came, asking again is safe.
        boolean stale = !fresh && e.kind() == Kind.RESET && !body.future().isComplete();
        if (!stale) {
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
          names.addresses(origin.host(), shorter(limits.resolve(), left()));
      if (addresses.isEmpty()) {
        throw failure(Kind.UNRESOLVED, null);
      }
      return addresses;
    } catch (InterruptedException e) {
      throw cancelled(e);
    } catch (TimeoutException | RejectedExecutionException e) {
      throw failure(Kind.RESOLVE_TIMEOUT, e);
    } catch (ExecutionException e) {
      throw failure(Kind.UNRESOLVED, e);
    }
  }

  private void judge(InetAddress address) {
    Optional<Refusal> refusal = egress.refusal(address);
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
    Future<HttpClientRequest> connecting =
        http.request(
            new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setServer(pinned(address))
                .setSsl(origin.secure())
                .setHost(origin.authorityHost())
                .setPort(origin.port())
                .setURI(target())
                .setFollowRedirects(false));
    // The client bounds TCP and TLS each; this bounds the wait for a free connection as well.
    Duration patience = shorter(limits.connect().multipliedBy(3), left());
    Runnable abandon = () -> connecting.onSuccess(HttpClientRequest::reset);
    try {
      return await(connecting, patience, abandon);
    } catch (TimeoutException e) {
      throw failure(Kind.CONNECT_TIMEOUT, e);
    } catch (ExecutionException e) {
      throw failure(Causes.connecting(e), e);
    }
  }

  /// Sends the request.
  ///
  /// @param body completed as the body arrives
  private HttpClientResponse head(HttpClientRequest request, Promise<Buffer> body) {
    request.putHeader(HttpHeaders.ACCEPT, "application/json");
    request.putHeader(HttpHeaders.USER_AGENT, "agent-lab");
    headers.forEach((name, value) -> request.putHeader(name, value.reveal()));
    // Before it is sent: the response comes on another thread, and a body nobody listens to is
    // lost.
    Future<HttpClientResponse> head =
        request.response().onSuccess(response -> collect(response, body));
    request.send();
    return answered(head, request);
  }

  private Buffer body(HttpClientRequest request, Promise<Buffer> body) {
    return answered(body.future(), request);
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

  private <T> T answered(Future<T> future, HttpClientRequest request) {
    try {
      return await(future, left(), request::reset);
    } catch (TimeoutException e) {
      throw failure(Kind.TIMEOUT, e);
    } catch (ExecutionException e) {
      throw failure(Causes.answering(e), e);
    }
  }

  /// @param abandon ends what the future stands for, when nobody waits for it any more
  private <T> T await(Future<T> future, Duration atMost, Runnable abandon)
      throws TimeoutException, ExecutionException {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      abandon.run();
      throw cancelled(e);
    } catch (TimeoutException e) {
      abandon.run();
      throw e;
    }
  }

  private UpstreamResponse response(HttpClientResponse head, Buffer body) {
    Map<String, String> fields = new HashMap<>();
    head.headers()
        .forEach((name, value) -> fields.putIfAbsent(name.toLowerCase(Locale.ROOT), value));
    return new UpstreamResponse(head.statusCode(), fields, body.toString(), timings());
  }

  private String target() {
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
  }

  /// The address under no name but its own digits, so that nothing below can look the name up
  /// again.
  private SocketAddress pinned(InetAddress address) {
    String digits = address.getHostAddress();
    return SocketAddress.inetSocketAddress(
        origin.port(), address instanceof Inet6Address ? "[" + digits + "]" : digits);
  }

  private Duration left() {
    Duration left = limits.total().minusNanos(System.nanoTime() - began);
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
