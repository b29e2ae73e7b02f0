package dev.agentlab.sessions;

/// The reason why a session or a link could not be created.
public abstract sealed class SessionException extends RuntimeException {
  private SessionException(String message) {
    super(message);
  }

  /// The credential is not valid.
  public static final class Rejected extends SessionException {
    public Rejected(String message) {
      super(message);
    }
  }

  /// The caller has no API key, to which a link could belong.
  public static final class WithoutKey extends SessionException {
    public WithoutKey() {
      super(
          "a sign-in link needs a valid API key, or a session of one; users of an identity provider"
              + " sign in there");
    }
  }
}
