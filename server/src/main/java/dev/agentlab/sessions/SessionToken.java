package dev.agentlab.sessions;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.agentlab.secrets.Base62;
import dev.agentlab.secrets.Secret;
import java.util.Optional;

/// The text of a session token or of the token of a sign-in link: 256 random bits in base 62.
///
/// @param text must not be disclosed
record SessionToken(Secret text) {

  static SessionToken random() {
    return new SessionToken(Secret.of(Base62.random(Base62.DIGITS_OF_256_BITS)));
  }

  /// Parses a token. Empty if the text is not exactly a well-formed token.
  static Optional<SessionToken> parse(Secret text) {
    String digits = text.reveal();
    return digits.length() == Base62.DIGITS_OF_256_BITS
            && digits.chars().allMatch(c -> Base62.isDigit((char) c))
        ? Optional.of(new SessionToken(text))
        : Optional.empty();
  }

  /// The input of the keyed hash.
  byte[] bytes() {
    return text.reveal().getBytes(ISO_8859_1);
  }
}
