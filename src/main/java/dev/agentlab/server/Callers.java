package dev.agentlab.server;

import dev.agentlab.access.Authentication;
import dev.agentlab.access.Authenticator;
import dev.agentlab.keys.KeyText;
import dev.agentlab.secrets.Secret;

/// Knows callers by API keys and, beside them, by the tokens of an identity provider. Which of the
/// two a credential is shows in how it begins.
record Callers(Authenticator keys, Authenticator tokens) implements Authenticator {

  @Override
  public Authentication check(Secret credential) {
    return by(credential).check(credential);
  }

  @Override
  public Authentication verify(Secret credential) {
    return by(credential).verify(credential);
  }

  private Authenticator by(Secret credential) {
    return KeyText.isAttemptedBy(credential.reveal()) ? keys : tokens;
  }
}
