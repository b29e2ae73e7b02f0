package dev.agentlab.security;

import dev.agentlab.secrets.Secret;
import java.time.Instant;
import java.util.Optional;

/// A user whom the identity provider has signed in.
///
/// @param issuer the identifier of the identity provider
/// @param caller the user with the present rights
/// @param expiresAt the expiry of the ID token
/// @param refreshToken with which the rights can be refreshed
public record OidcUser(
    String issuer, Caller caller, Instant expiresAt, Optional<Secret> refreshToken) {}
