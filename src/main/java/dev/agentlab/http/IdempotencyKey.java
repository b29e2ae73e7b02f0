package dev.agentlab.http;

/// A caller's name for one attempt to create something, so that a repeated request creates it once.
///
/// @param value 1 to 255 visible ASCII characters
public record IdempotencyKey(String value) {
  private static final int LONGEST = 255;

  /// The header as routes read it.
  public static final Param<IdempotencyKey> HEADER =
      Param.header(
              "Idempotency-Key",
              "Any text of yours, the same for each try of one request, which then creates once; kept"
                  + " for 24 hours.",
              IdempotencyKey::new)
          .withLength(1, LONGEST);

  public IdempotencyKey {
    if (value.isEmpty()
        || value.length() > LONGEST
        || !value.chars().allMatch(c -> c >= '!' && c <= '~')) {
      throw new IllegalArgumentException("must be 1 to 255 visible ASCII characters");
    }
  }
}
