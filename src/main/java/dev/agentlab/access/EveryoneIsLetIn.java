package dev.agentlab.access;

import dev.agentlab.secrets.Secret;

/// No authentication.
final class EveryoneIsLetIn implements Authenticator {
  private static final Authentication ANYONE =
      new Authentication.Accepted(
          new Caller(
              Caller.Kind.ANYONE, Caller.ANYONE.id(), Caller.ANYONE.name(), Grants.EVERYTHING));

  @Override
  public Authentication check(Secret credential) {
    return ANYONE;
  }

  @Override
  public Authentication verify(Secret credential) {
    return ANYONE;
  }

  @Override
  public Authentication withoutCredential() {
    return ANYONE;
  }
}
