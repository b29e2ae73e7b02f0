package dev.agentlab.upstream;

import dev.agentlab.upstream.UpstreamException.Kind;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.TooLongFrameException;
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
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/// Maps exceptions of the HTTP client to failure kinds.
final class UpstreamExceptionMapper {
  private UpstreamExceptionMapper() {}

  /// The kind of a failure while connecting, including TLS.
  static Kind ofConnect(Throwable failure) {
    List<Throwable> chain = chain(failure);
    if (contains(chain, ConnectionPoolTooBusyException.class)) {
      return Kind.BUSY;
    }
    if (contains(chain, SSLException.class)) {
      return ofHandshake(chain);
    }
    if (contains(chain, ConnectTimeoutException.class)) {
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
    return chain.stream().anyMatch(type::isInstance);
  }

  private static List<Throwable> chain(Throwable failure) {
    return Stream.iterate(failure, it -> it != null, Throwable::getCause).limit(20).toList();
  }
}
