package dev.agentlab.security;

import dev.agentlab.secrets.Secret;

/// Accepts every request as an anonymous caller with all scopes: authentication is disabled.
final class AnonymousAuthenticator implements Authenticator {
  private static final AuthenticationResult ANYONE =
      new AuthenticationResult.Accepted(
          new Caller(
              Caller.Kind.ANYONE, Caller.ANYONE.id(), Caller.ANYONE.name(), GrantSet.EVERYTHING));

  @Override
  public AuthenticationResult check(Secret credential) {
    return ANYONE;
  }

  @Override
  public AuthenticationResult verify(Secret credential) {
    return ANYONE;
  }

  @Override
  public AuthenticationResult resultWithoutCredential() {
    return ANYONE;
  }
}
