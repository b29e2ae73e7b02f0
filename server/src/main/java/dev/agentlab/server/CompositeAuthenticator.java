package dev.agentlab.server;

import dev.agentlab.keys.ApiKeyToken;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Authenticator;

/// Authenticates callers by API key or by a token of an OpenID Connect identity provider. The
/// prefix of the credential selects the authenticator.
record CompositeAuthenticator(Authenticator apiKeys, Authenticator oidc) implements Authenticator {

  @Override
  public AuthenticationResult check(Secret credential) {
    return select(credential).check(credential);
  }

  @Override
  public AuthenticationResult verify(Secret credential) {
    return select(credential).verify(credential);
  }

  private Authenticator select(Secret credential) {
    return ApiKeyToken.hasPrefix(credential.reveal()) ? apiKeys : oidc;
  }
}
