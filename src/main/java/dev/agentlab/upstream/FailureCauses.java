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
final class FailureCauses {
  private FailureCauses() {}

  /// The kind of a failure while connecting, including TLS.
  static Kind connecting(Throwable failure) {
    List<Throwable> chain = chain(failure);
    if (has(chain, ConnectionPoolTooBusyException.class)) {
      return Kind.BUSY;
    }
    if (has(chain, SSLException.class)) {
      return handshaking(chain);
    }
    if (has(chain, ConnectTimeoutException.class)) {
      return Kind.CONNECT_TIMEOUT;
    }
    return has(chain, ConnectException.class) ? Kind.CONNECT_REFUSED : Kind.UNREACHABLE;
  }

  /// The kind of a failure while reading a response body.
  static Kind reading(Throwable failure) {
    Kind kind = answering(failure);
    return kind == Kind.RESET ? Kind.CUT_OFF : kind;
  }

  /// The kind of a failure while waiting for a response.
  static Kind answering(Throwable failure) {
    List<Throwable> chain = chain(failure);
    if (has(chain, TooLongFrameException.class)) {
      return Kind.TOO_LARGE;
    }
    boolean closed =
        has(chain, HttpClosedException.class)
            || has(chain, StreamResetException.class)
            || has(chain, IOException.class);
    return closed ? Kind.RESET : Kind.PROTOCOL;
  }

  private static Kind handshaking(List<Throwable> chain) {
    if (has(chain, CertificateExpiredException.class)
        || has(chain, CertificateNotYetValidException.class)) {
      return Kind.TLS_EXPIRED;
    }
    if (has(chain, CertPathBuilderException.class)
        || has(chain, CertPathValidatorException.class)) {
      return Kind.TLS_UNTRUSTED;
    }
    if (has(chain, CertificateException.class)) {
      return Kind.TLS_WRONG_HOST;
    }
    if (has(chain, SslHandshakeTimeoutException.class)) {
      return Kind.TLS_TIMEOUT;
    }
    boolean noTls =
        has(chain, NotSslRecordException.class) || has(chain, ClosedChannelException.class);
    return noTls ? Kind.TLS_NOT_SPOKEN : Kind.TLS_FAILED;
  }

  private static boolean has(List<Throwable> chain, Class<? extends Throwable> type) {
    return chain.stream().anyMatch(type::isInstance);
  }

  private static List<Throwable> chain(Throwable failure) {
    return Stream.iterate(failure, it -> it != null, Throwable::getCause).limit(20).toList();
  }
}
