package dev.agentlab.server;

import dev.agentlab.keys.ApiKeyToken;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Authenticator;

/// Authenticates callers by API key or by a token of an OpenID Connect identity provider. The
/// prefix of the credential selects the authenticator.
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
