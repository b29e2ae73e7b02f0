package dev.agentlab.security;

import dev.agentlab.secrets.Secret;
import java.util.Optional;

/// The registration of the service at the identity provider.
///
/// @param issuer the identifier of the identity provider; compared exactly
/// @param scopesClaim the claim of an ID token that contains the scopes
/// @param clientSecret empty for a public client
public record OidcClientSettings(
    String issuer, String scopesClaim, String clientId, Optional<Secret> clientSecret) {}
