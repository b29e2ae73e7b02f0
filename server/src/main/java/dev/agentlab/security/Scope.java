package dev.agentlab.security;

import com.google.re2j.Pattern;
import java.util.List;

/// The authorization that a route requires. A feature declares its scopes; the constants are those
/// that several features use.
///
/// @param text the text in keys, tokens and the API description, as in `providers:read`; never
///   changes once released. It alone identifies the scope
/// @param description what the scope allows, as the object of a sentence; empty for a scope that
///   cannot be granted
/// @param restrictions the restricted forms in which it can be granted as well
public record Scope(String text, String description, List<RestrictedForm> restrictions) {
  private static final Pattern TEXT = Pattern.compile("[a-z]+(_[a-z]+)*(:[a-z]+)?");

  /// No authentication required: liveness, readiness, the API description. Cannot be granted.
  public static final Scope PUBLIC = new Scope("open");

  /// Authentication required, but no grant: the current caller. Cannot be granted.
  public static final Scope AUTHENTICATED = new Scope("known");

  /// To run agents and call models, which incurs their costs. Can be restricted, see [Restriction].
  public static final Scope INVOKE =
      new Scope(
          "invoke",
          "running every agent, and calling every route and every model",
          List.of(
              new RestrictedForm("invoke:<agent name or id>", "running one agent"),
              new RestrictedForm(
                  "invoke:agent/<agent name or id>",
                  "running one agent, but not calling its provider directly"),
              new RestrictedForm(
                  "invoke:route/<route name or id>",
                  "calling one route, but not its agents and models directly"),
              new RestrictedForm(
                  "invoke:provider/<provider name>",
                  "calling every model of one registered provider, but running no agent"),
              new RestrictedForm(
                  "invoke:model/<provider name>/<model pattern>",
                  "calling the models of that provider whose name matches the pattern")));

  /// To use the raw API of providers. Can be restricted to one provider.
  public static final Scope PROXY =
      new Scope(
          "proxy",
          "using the raw API of every provider",
          List.of(
              new RestrictedForm(
                  "proxy:<provider name>", "using the raw API of one registered provider")));

  /// To name the person for whom a call is made.
  public static final Scope ON_BEHALF_OF =
      new Scope("on_behalf_of", "naming the end user for whom a call is made");

  /// A form of a scope that is restricted.
  ///
  /// @param text the text in keys and tokens, with placeholders in angle brackets
  /// @param description what it allows
  public record RestrictedForm(String text, String description) {}

  public Scope {
    restrictions = List.copyOf(restrictions);
    if (!TEXT.matches(text)) {
      throw new IllegalArgumentException(
          "scope: must have the form resource:action, was \"%s\"".formatted(text));
    }
  }

  /// A scope that can only be granted without a restriction.
  public Scope(String text, String description) {
    this(text, description, List.of());
  }

  /// A scope without a description.
  public Scope(String text) {
    this(text, "");
  }

  /// Whether the scope can be granted; a scope that cannot be granted requires no grant.
  public boolean isGrantable() {
    return !equals(PUBLIC) && !equals(AUTHENTICATED);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Scope scope && text.equals(scope.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
