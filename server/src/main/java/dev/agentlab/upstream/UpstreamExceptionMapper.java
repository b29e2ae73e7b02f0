package dev.agentlab.upstream;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.agentlab.upstream.UpstreamException.Kind;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.StreamResetException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/// Maps exceptions of the HTTP client to failure kinds.
final class UpstreamExceptionMapper {
  /// The end of the message after a `CONNECT` request without a response.
  private static final String PROXY_TIMEOUT = ", timeout";

  static final int PROXY_AUTHENTICATION_REQUIRED = 407;

  private static final Pattern PROXY_STATUS = Pattern.compile(", status: ([0-9]+)");

  private UpstreamExceptionMapper() {}

  /// The kind of a failure while connecting, including TLS.
  static Kind ofConnect(Throwable failure) {
    List<Throwable> chain = chain(failure);
    if (contains(chain, ConnectionPoolTooBusyException.class)) {
      return Kind.BUSY;
    }
    Optional<ProxyConnectException> proxyFailure = find(chain, ProxyConnectException.class);
    if (proxyFailure.isPresent()) {
      return ofProxy(String.valueOf(proxyFailure.get().getMessage()));
    }
    if (contains(chain, SSLException.class)) {
      return ofHandshake(chain);
    }
    // The latter if the limit of the call is shorter than that of the client.
    if (contains(chain, ConnectTimeoutException.class) || contains(chain, TimeoutException.class)) {
      return Kind.CONNECT_TIMEOUT;
    }
    return contains(chain, ConnectException.class) ? Kind.CONNECT_REFUSED : Kind.UNREACHABLE;
  }

  /// The kind of a failure while reading a response body.
  static Kind ofBody(Throwable failure) {
    Kind kind = ofResponse(failure);
    return kind == Kind.RESET ? Kind.TRUNCATED : kind;
  }

  /// The kind of a failure while waiting for a response.
  static Kind ofResponse(Throwable failure) {
    List<Throwable> chain = chain(failure);
    if (contains(chain, TooLongFrameException.class)) {
      return Kind.TOO_LARGE;
    }
    boolean closed =
        contains(chain, HttpClosedException.class)
            || contains(chain, StreamResetException.class)
            || contains(chain, IOException.class);
    return closed ? Kind.RESET : Kind.PROTOCOL;
  }

  /// The kind of a failure of a `CONNECT` request.
  ///
  /// @param message ends with the status or with the reason
  private static Kind ofProxy(String message) {
    if (message.endsWith(PROXY_TIMEOUT)) {
      return Kind.CONNECT_TIMEOUT;
    }
    Matcher status = PROXY_STATUS.matcher(message);
    int code = status.find() ? Integer.parseInt(status.group(1)) : 0;
    if (code == PROXY_AUTHENTICATION_REQUIRED) {
      return Kind.PROXY_CREDENTIALS;
    }
    return switch (code / 100) {
      case 2, 3, 4 -> Kind.PROXY_DENIED;
      case 5 -> Kind.PROXY_FAILED;
      default -> Kind.PROXY_INVALID;
    };
  }

  private static Kind ofHandshake(List<Throwable> chain) {
    if (contains(chain, CertificateExpiredException.class)
        || contains(chain, CertificateNotYetValidException.class)) {
      return Kind.TLS_EXPIRED;
    }
    if (contains(chain, CertPathBuilderException.class)
        || contains(chain, CertPathValidatorException.class)) {
      return Kind.TLS_UNTRUSTED;
    }
    if (contains(chain, CertificateException.class)) {
      return Kind.TLS_WRONG_HOST;
    }
    if (contains(chain, SslHandshakeTimeoutException.class)) {
      return Kind.TLS_TIMEOUT;
    }
    boolean noTls =
        contains(chain, NotSslRecordException.class)
            || contains(chain, ClosedChannelException.class);
    return noTls ? Kind.TLS_UNSUPPORTED : Kind.TLS_FAILED;
  }

  private static boolean contains(List<Throwable> chain, Class<? extends Throwable> type) {
    return find(chain, type).isPresent();
  }

  private static <T> Optional<T> find(List<Throwable> chain, Class<T> type) {
    return chain.stream().filter(type::isInstance).findFirst().map(type::cast);
  }

  private static List<Throwable> chain(Throwable failure) {
    return Stream.iterate(failure, it -> it != null, Throwable::getCause).limit(20).toList();
  }
}
