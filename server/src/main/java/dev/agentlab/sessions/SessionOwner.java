package dev.agentlab.sessions;

import dev.agentlab.secrets.MacInput;
import dev.agentlab.security.Caller;
import dev.agentlab.security.GrantSet;
import dev.agentlab.security.KeyReference;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The owner of a session, whose rights it has.
sealed interface SessionOwner {

  /// Writes the owner as a part of the input of a row's MAC.
  void write(MacInput out);

  /// An API key. The session has the rights that the key has now.
  record OfKey(KeyReference key) implements SessionOwner {
    @Override
    public void write(MacInput out) {
      out.text("key").text(key.keyId()).bytes(key.hash());
    }
  }

  /// A user of the identity provider.
  ///
  /// @param issuer the identifier of the identity provider, within which the subject is unique
  /// @param scopes the text forms of the user's grants
  /// @param checkedAt when the identity provider confirmed them
  /// @param refreshToken encrypted; empty if the identity provider gave none
  record OfUser(
      String issuer,
      String subject,
      String name,
      List<String> scopes,
      Instant checkedAt,
      Optional<String> refreshToken)
      implements SessionOwner {
    public OfUser {
      scopes = List.copyOf(scopes);
    }

    /// The user for the audit trail, without rights.
    Caller caller() {
      return new Caller(Caller.Kind.TOKEN, subject, name, GrantSet.NONE);
    }

    OfUser withRights(String newName, List<String> newScopes, Instant at) {
      return new OfUser(issuer, subject, newName, newScopes, at, refreshToken);
    }

    OfUser withRefreshToken(String encrypted) {
      return new OfUser(issuer, subject, name, scopes, checkedAt, Optional.of(encrypted));
    }

    @Override
    public void write(MacInput out) {
      out.text("user")
          .text(issuer)
          .text(subject)
          .text(name)
          .texts(scopes)
          .time(checkedAt)
          .optional(refreshToken, MacInput::text);
    }
  }
}
