package dev.agentlab.config;

/// An OpenID Connect provider whose bearer tokens let callers in.
///
/// @param issuer its identifier, a URL by https, or by http on loopback
/// @param audience what its tokens must say they are for
/// @param scopesClaim the claim of a token that holds scopes
public record OidcConfig(String issuer, String audience, String scopesClaim) {}
