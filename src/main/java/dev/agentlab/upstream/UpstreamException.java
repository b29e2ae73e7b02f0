package dev.agentlab.upstream;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A call to an upstream that brought no answer. Its message names the destination, never a secret.
public final class UpstreamException extends RuntimeException {

  /// The part of a call in which it failed.
  public enum Phase {
    RESOLVE,
    CONNECT,
    TLS,
    ANSWER
  }

  /// What went wrong: a closed list.
  public enum Kind {
    UNRESOLVED(Phase.RESOLVE, "the name has no address"),
    RESOLVE_TIMEOUT(Phase.RESOLVE, "the name was not resolved in time"),
    RESOLVER_BUSY(Phase.RESOLVE, "too many names are being resolved"),
    REFUSED_BY_POLICY(Phase.RESOLVE, "the egress policy forbids the address"),
    CONNECT_REFUSED(Phase.CONNECT, "nothing accepts connections there"),
    UNREACHABLE(Phase.CONNECT, "there is no way to the address"),
    CONNECT_TIMEOUT(Phase.CONNECT, "no connection was made in time"),
    BUSY(Phase.CONNECT, "too many calls to it are under way here"),
    TLS_NOT_SPOKEN(Phase.TLS, "the other side does not speak TLS"),
    TLS_UNTRUSTED(Phase.TLS, "no trusted authority signed the certificate"),
    TLS_EXPIRED(Phase.TLS, "the certificate is not valid at this time"),
    TLS_WRONG_HOST(Phase.TLS, "the certificate is for another host"),
    TLS_TIMEOUT(Phase.TLS, "the TLS handshake did not end in time"),
    TLS_FAILED(Phase.TLS, "the TLS handshake failed"),
    TIMEOUT(Phase.ANSWER, "no whole answer came in time"),
    TOO_LARGE(Phase.ANSWER, "the answer is larger than allowed"),
    NO_ROOM(Phase.ANSWER, "the service has no memory left to read it"),
    /// Nothing of an answer came.
    RESET(Phase.ANSWER, "the connection ended before the answer began"),
    CUT_OFF(Phase.ANSWER, "the connection ended before the answer did"),
    PROTOCOL(Phase.ANSWER, "the answer is not HTTP"),
    /// Compressed, say.
    ENCODED(Phase.ANSWER, "the answer has a Content-Encoding, which was not asked for"),
    /// The waiting thread was interrupted; it still is.
    CANCELLED(Phase.ANSWER, "the call was cancelled");

    private final Phase phase;
    private final String text;

    Kind(Phase phase, String text) {
      this.phase = phase;
      this.text = text;
    }

    /// The part of a call in which it happens.
    public Phase phase() {
      return phase;
    }

    /// What happened, as part of a sentence.
    @Override
    public String toString() {
      return text;
    }
  }

  private final Kind kind;
  private final transient Optional<EgressDenial> refusal;
  private final transient CallTimings timings;

  /// @param timings how far the call came
  public UpstreamException(Origin to, Kind kind, CallTimings timings) {
    this(to, kind, timings, null);
  }

  UpstreamException(Origin to, Kind kind, CallTimings timings, @Nullable Throwable cause) {
    super("%s: %s".formatted(to, kind), cause);
    this.kind = kind;
    this.refusal = Optional.empty();
    this.timings = timings;
  }

  UpstreamException(Origin to, EgressDenial refusal, CallTimings timings) {
    super("%s: %s".formatted(to, refusal.reason()));
    this.kind = Kind.REFUSED_BY_POLICY;
    this.refusal = Optional.of(refusal);
    this.timings = timings;
  }

  public Kind kind() {
    return kind;
  }

  /// Which rule forbids the call, when one does.
  public Optional<EgressDenial> refusal() {
    return refusal;
  }

  /// How far the call came.
  public CallTimings timings() {
    return timings;
  }
}
