package dev.agentlab.dialects;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/// The ids of responses that the service writes in OpenAI's Responses API: `resp_` and 32
/// hexadecimal digits. The id of an item has the digits of its response, so that a reference to the
/// item finds it: `msg_<digits>_<index>`.
public final class ResponseIds {
  private static final String PREFIX = "resp_";
  private static final int BYTES = 16;
  private static final int DIGITS = 2 * BYTES;
  private static final byte[] REASONING = "\"rs_".getBytes(StandardCharsets.US_ASCII);
  private static final SecureRandom RANDOM = new SecureRandom();

  private ResponseIds() {}

  /// A new id of a response.
  public static String create() {
    byte[] random = new byte[BYTES];
    RANDOM.nextBytes(random);
    return PREFIX + HexFormat.of().formatHex(random);
  }

  /// The id of an item.
  ///
  /// @param prefix the kind of the item, such as `msg`
  /// @param responseId an id of [#create]
  /// @param index the position of the item in its response
  static String ofItem(String prefix, String responseId, int index) {
    return "%s_%s_%d".formatted(prefix, responseId.substring(PREFIX.length()), index);
  }

  /// The id of a complete response; empty if it has none.
  ///
  /// @param response a JSON object
  public static Optional<String> of(byte[] response) {
    JsonCursor cursor = new JsonCursor(response, 0);
    try {
      cursor.beginObject();
      while (cursor.nextMember()) {
        if (cursor.name().equals("id") && cursor.peek() == '"') {
          return Optional.of(cursor.string());
        }
        cursor.skip();
      }
    } catch (JsonCursor.InvalidJsonException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  /// Whether a text may have the id of a reasoning item.
  static boolean mayHaveReasoning(byte[] text) {
    for (int i = 0; i < text.length - REASONING.length - DIGITS; i++) {
      int digits = i + REASONING.length;
      if (text[i] == '"'
          && text[digits + DIGITS] == '_'
          && Arrays.equals(text, i, digits, REASONING, 0, REASONING.length)) {
        return true;
      }
    }
    return false;
  }

  /// The id of the response with an item; empty if the service did not write the id.
  public static Optional<String> responseOf(String itemId) {
    int from = itemId.indexOf('_') + 1;
    int to = itemId.lastIndexOf('_');
    return from > 0
            && to - from == DIGITS
            && itemId.substring(from, to).chars().allMatch(HexFormat::isHexDigit)
        ? Optional.of(PREFIX + itemId.substring(from, to))
        : Optional.empty();
  }
}
