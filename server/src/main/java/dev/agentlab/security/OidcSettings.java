package dev.agentlab.security;

/// The settings of OpenID Connect.
///
/// @param issuer the identifier of the identity provider, a URL; compared exactly
/// @param audience the audience that a token must include
/// @param scopesClaim the claim that contains the scopes, as space-separated text or as a list
public record OidcSettings(String issuer, String audience, String scopesClaim) {}
