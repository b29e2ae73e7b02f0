package dev.agentlab.upstream;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A call to an upstream without a complete response. The message contains the destination, never a
/// secret and never the address of the proxy of the service.
public final class UpstreamException extends RuntimeException {

  /// The phase of a call in which it failed.
  public enum Phase {
    RESOLVE,
    CONNECT,
    TLS,
    RESPONSE
  }

  /// The kind of failure.
  public enum Kind {
    UNRESOLVED(Phase.RESOLVE, "the name has no address"),
    RESOLVE_TIMEOUT(Phase.RESOLVE, "name resolution timed out"),
    RESOLVER_BUSY(Phase.RESOLVE, "too many concurrent name resolutions"),
    DENIED_BY_POLICY(Phase.RESOLVE, "the egress policy denies the address"),
    CONNECT_REFUSED(Phase.CONNECT, "connection refused"),
    UNREACHABLE(Phase.CONNECT, "the address is unreachable"),
    CONNECT_TIMEOUT(Phase.CONNECT, "the connection attempt timed out"),
    BUSY(Phase.CONNECT, "too many concurrent calls to the address"),
    PROXY_CREDENTIALS(
        Phase.CONNECT, "the proxy responded with status 407: it requires credentials"),
    PROXY_DENIED(Phase.CONNECT, "the proxy refuses to connect to the host"),
    PROXY_FAILED(Phase.CONNECT, "the proxy cannot connect to the host"),
    PROXY_INVALID(Phase.CONNECT, "the proxy closed the connection, or is not an HTTP proxy"),
    TLS_UNSUPPORTED(Phase.TLS, "the server does not support TLS on this port"),
    TLS_UNTRUSTED(Phase.TLS, "the certificate is not signed by a trusted authority"),
    TLS_EXPIRED(Phase.TLS, "the certificate is expired or not yet valid"),
    TLS_WRONG_HOST(Phase.TLS, "the certificate does not match the host"),
    TLS_TIMEOUT(Phase.TLS, "the TLS handshake timed out"),
    TLS_FAILED(Phase.TLS, "the TLS handshake failed"),
    TIMEOUT(Phase.RESPONSE, "the response timed out"),
    /// The caller took the response too slowly.
    NOT_READ(Phase.RESPONSE, "the response was not read in time"),
    /// The caller sent the request too slowly.
    NOT_SENT(Phase.RESPONSE, "the request was not sent in time"),
    TOO_LARGE(Phase.RESPONSE, "the response is too large"),
    OUT_OF_MEMORY(Phase.RESPONSE, "the service has no memory left for the response"),
    /// No part of a response was received.
    RESET(Phase.RESPONSE, "the connection was closed before the response started"),
    TRUNCATED(Phase.RESPONSE, "the connection was closed before the response was complete"),
    PROTOCOL(Phase.RESPONSE, "the response is not valid HTTP"),
    /// For example, a compressed response.
    UNEXPECTED_ENCODING(
        Phase.RESPONSE, "the response has a Content-Encoding, which was not requested"),
    /// By a [Cancellation] or by an interrupt of the waiting thread, which stays interrupted.
    CANCELLED(Phase.RESPONSE, "the call was cancelled");

    private final Phase phase;
    private final String description;

    Kind(Phase phase, String text) {
      this.phase = phase;
      this.description = text;
    }

    /// Whether it is the response of a proxy, so that another address of the proxy would not help.
    boolean isProxyResponse() {
      return switch (this) {
        case PROXY_CREDENTIALS, PROXY_DENIED, PROXY_FAILED, PROXY_INVALID -> true;
        default -> false;
      };
    }

    /// The phase of a call in which it occurs.
    public Phase phase() {
      return phase;
    }

    /// A description, without a capital letter or a period.
    @Override
    public String toString() {
      return description;
    }
  }

  /// The way to the upstream.
  public enum Route {
    DIRECT(""),
    /// Through the proxy that the service is configured with.
    SERVICE_PROXY(" through the proxy of the service"),
    /// Through the proxy in the upstream's own network options.
    OWN_PROXY(" through its proxy");

    private final String description;

    Route(String description) {
      this.description = description;
    }

    /// The description to follow the destination.
    @Override
    public String toString() {
      return description;
    }
  }

  private final Kind kind;
  private final Route route;
  private final transient Optional<EgressDenial> denial;
  private final transient CallTimings timings;

  /// @param timings the time spent in each phase
  public UpstreamException(Origin destination, Kind kind, CallTimings timings) {
    this(destination, Route.DIRECT, kind, timings, null);
  }

  UpstreamException(
      Origin destination, Route route, Kind kind, CallTimings timings, @Nullable Throwable cause) {
    super("%s%s: %s".formatted(destination, route, kind), cause);
    this.kind = kind;
    this.route = route;
    this.denial = Optional.empty();
    this.timings = timings;
  }

  UpstreamException(Origin destination, Route route, EgressDenial denial, CallTimings timings) {
    super("%s%s: %s".formatted(destination, route, denial.reason()));
    this.kind = Kind.DENIED_BY_POLICY;
    this.route = route;
    this.denial = Optional.of(denial);
    this.timings = timings;
  }

  public Kind kind() {
    return kind;
  }

  /// The way to the upstream. Through a proxy, a failure to resolve or to connect is one of the
  /// proxy.
  public Route route() {
    return route;
  }

  /// The denial, if the egress policy denies the call.
  public Optional<EgressDenial> denial() {
    return denial;
  }

  /// The time spent in each phase of the call.
  public CallTimings timings() {
    return timings;
  }
}
