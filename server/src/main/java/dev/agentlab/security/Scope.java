package dev.agentlab.security;

import com.google.re2j.Pattern;

/// The authorization that a route requires. A feature declares its scopes; the constants are those
/// that several features use.
///
/// @param text the text in keys, tokens and the API description, as in `providers:read`; never
///   changes once released
public record Scope(String text) {
  private static final Pattern TEXT = Pattern.compile("[a-z]+(:[a-z]+)?");

  /// No authentication required: liveness, readiness, the API description. Cannot be granted.
  public static final Scope PUBLIC = new Scope("open");

  /// Authentication required, but no grant: the current caller. Cannot be granted.
  public static final Scope AUTHENTICATED = new Scope("known");

  /// To run agents and call models, which incurs their costs. Can be restricted, see [Restriction].
  public static final Scope INVOKE = new Scope("invoke");

  /// To use the raw API of providers. Can be restricted to one provider.
  public static final Scope PROXY = new Scope("proxy");

  public Scope {
    if (!TEXT.matches(text)) {
      throw new IllegalArgumentException(
          "scope: must have the form resource:action, was \"%s\"".formatted(text));
    }
  }

  /// Whether the scope can be granted; a scope that cannot be granted requires no grant.
  public boolean isGrantable() {
    return !equals(PUBLIC) && !equals(AUTHENTICATED);
  }

  @Override
  public String toString() {
    return text;
  }
}
