package dev.agentlab.http;

/// A client-chosen key that makes retries of a create request idempotent.
///
/// @param value 1 to 255 visible ASCII characters
public record IdempotencyKey(String value) {
  private static final int MAX_LENGTH = 255;

  /// The `Idempotency-Key` header parameter.
  public static final Param<IdempotencyKey> HEADER =
      Param.header(
              "Idempotency-Key",
              "A unique key that makes the request idempotent: retries with the same key create the"
                  + " resource once. Kept for 24 hours.",
              IdempotencyKey::new)
          .withLength(1, MAX_LENGTH);

  public IdempotencyKey {
    if (value.isEmpty()
        || value.length() > MAX_LENGTH
        || !value.chars().allMatch(c -> c >= '!' && c <= '~')) {
      throw new IllegalArgumentException("must be 1 to 255 visible ASCII characters");
    }
  }
}
