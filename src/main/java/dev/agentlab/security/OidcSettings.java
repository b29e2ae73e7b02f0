package dev.agentlab.security;

/// Whose tokens count, and for what.
///
/// @param issuer the provider's identifier, a URL; matched exactly
/// @param audience what a token must say it is for
/// @param scopesClaim the claim that holds scopes, as text with spaces between them or as a list
public record OidcSettings(String issuer, String audience, String scopesClaim) {}
