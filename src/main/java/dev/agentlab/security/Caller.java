package dev.agentlab.security;

import java.util.Locale;

/// Who is known to be calling.
///
/// @param id what stays the same about them: an API key's id, a token's subject
/// @param name for people; may change
public record Caller(Kind kind, String id, String name, Grants grants) {

  /// Nobody in particular: what is open may be called without a word.
  public static final Caller ANYONE = new Caller(Kind.ANYONE, "anyone", "anyone", Grants.NONE);

  /// The service itself, at its start and in its upkeep.
  public static final Caller SERVICE =
      new Caller(Kind.SERVICE, "service", "service", Grants.EVERYTHING);

  /// How they are known.
  public enum Kind {
    ANYONE,
    SERVICE,
    /// By an API key.
    KEY,
    /// By a bearer token of an identity provider.
    TOKEN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
