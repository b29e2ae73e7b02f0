package dev.agentlab.sessions;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaName;
import java.util.Optional;

/// The ways to sign in beside an API key and a sign-in link.
///
/// @param oidc empty if there is no identity provider for browsers
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record SignInMethods(
    @SchemaDescription("The identity provider, at which `/api/sign-in/oidc` signs in.")
        Optional<IdentityProvider> oidc) {

  /// An OpenID Connect provider.
  @SchemaName("IdentityProvider")
  public record IdentityProvider(String issuer) {}
}
