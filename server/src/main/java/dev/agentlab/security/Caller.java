package dev.agentlab.security;

import java.util.Locale;
import java.util.Optional;

/// An authenticated or anonymous caller.
///
/// @param id the stable identifier: the id of an API key, the subject of a token
/// @param name the display name, which may change
/// @param owner the caller that made this key for itself, in the text form of [CallerId]; empty for
///   another caller
public record Caller(Kind kind, String id, String name, GrantSet grants, Optional<String> owner) {

  /// An anonymous caller, which may use public routes only.
  public static final Caller ANYONE = new Caller(Kind.ANYONE, "anyone", "anyone", GrantSet.NONE);

  /// The service itself, at startup and for maintenance. It sends no requests, so it has no grants.
  public static final Caller SERVICE =
      new Caller(Kind.SERVICE, "service", "service", GrantSet.NONE);

  /// A caller without an owner.
  public Caller(Kind kind, String id, String name, GrantSet grants) {
    this(kind, id, name, grants, Optional.empty());
  }

  /// The kind of authentication.
  public enum Kind {
    ANYONE,
    SERVICE,
    /// Authenticated by an API key.
    KEY,
    /// Authenticated by a bearer token of an identity provider.
    TOKEN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
