package dev.agentlab.server;

import dev.agentlab.keys.ApiKeyToken;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Authenticator;

/// Knows callers by API keys and, beside them, by the tokens of an identity provider. Which of the
/// two a credential is shows in how it begins.
record CompositeAuthenticator(Authenticator keys, Authenticator tokens) implements Authenticator {

  @Override
  public AuthenticationResult check(Secret credential) {
    return by(credential).check(credential);
  }

  @Override
  public AuthenticationResult verify(Secret credential) {
    return by(credential).verify(credential);
  }

  private Authenticator by(Secret credential) {
    return ApiKeyToken.hasPrefix(credential.reveal()) ? keys : tokens;
  }
}
