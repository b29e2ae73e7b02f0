package dev.agentlab.dialects;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Data of other vendors in a member that clients must send back unchanged, so that a model of
/// another vendor receives in the next request what it needs: the `data` of a `redacted_thinking`
/// block in Anthropic's API, a `thoughtSignature` in Gemini's, and the `encrypted_content` of
/// reasoning in OpenAI's Responses API.
///
/// The text is base64, because Google's clients decode a signature. It encodes [#PREFIX] and JSON:
/// `{"<vendor>": {members}}` for a message, and `{"call": "<id>", "data": {"<vendor>": {members}}}`
/// for a tool call, in Anthropic's API the one in a block that follows.
final class ReplayCarrier {
  private static final String PREFIX = "agl1.";

  /// How the text of every carrier begins: the prefix, and the brace of the JSON.
  private static final String START =
      Base64.getEncoder().encodeToString((PREFIX + "{").getBytes(StandardCharsets.US_ASCII));

  private static final byte[] START_BYTES = START.getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ENCRYPTED =
      "\"encrypted_content\"".getBytes(StandardCharsets.US_ASCII);
  private static final String CALL = "call";
  private static final String DATA = "data";

  /// The content of a carrier.
  ///
  /// @param byVendor the members by vendor, such as `google`
  /// @param call the id of the tool call to which they belong; empty for the message
  record Carried(ObjectNode byVendor, Optional<String> call) {}

  private ReplayCarrier() {}

  /// Encodes data of a message, or of a tool call.
  static String encode(ObjectNode byVendor, Optional<String> call) {
    ObjectNode json =
        call.map(id -> ProviderJson.object().put(CALL, id).set(DATA, byVendor)).orElse(byVendor);
    return Base64.getEncoder()
        .encodeToString(
            (PREFIX + ProviderJson.MAPPER.writeValueAsString(json))
                .getBytes(StandardCharsets.UTF_8));
  }

  /// Whether a text may contain an encoded carrier.
  static boolean mayBeIn(byte[] text) {
    return Utf8.contains(text, START_BYTES);
  }

  /// Whether JSON has reasoning that a vendor has encrypted, so that only its API can read it.
  static boolean hasOthers(byte[] json) {
    int at = Utf8.indexOf(json, ENCRYPTED, 0);
    while (at >= 0) {
      int value = skipTo(json, at + ENCRYPTED.length, (byte) ':');
      value = value < 0 ? -1 : skipTo(json, value + 1, (byte) '"');
      // In a string, the quotes of a name would be escaped.
      if (value >= 0
          && json[at - 1] != '\\'
          && value + 1 < json.length
          && json[value + 1] != '"'
          && Utf8.indexOf(json, START_BYTES, value + 1) != value + 1) {
        return true;
      }
      at = Utf8.indexOf(json, ENCRYPTED, at + 1);
    }
    return false;
  }

  /// The position of a byte that follows after spaces; -1 if another one does.
  private static int skipTo(byte[] json, int from, byte wanted) {
    int at = from;
    while (at < json.length && JsonCursor.isSpace(json[at])) {
      at++;
    }
    return at < json.length && json[at] == wanted ? at : -1;
  }

  /// Decodes a text in either alphabet of base64; empty if [#encode] did not write it.
  static Optional<Carried> decode(String text) {
    if (!text.startsWith(START)) {
      return Optional.empty();
    }
    JsonNode json;
    try {
      byte[] decoded = Base64.getDecoder().decode(text.replace('-', '+').replace('_', '/'));
      json =
          ProviderJson.MAPPER.readTree(
              new String(decoded, StandardCharsets.UTF_8).substring(PREFIX.length()));
    } catch (IllegalArgumentException | JacksonException e) {
      return Optional.empty();
    }
    Optional<String> call = json.path(CALL).stringValueOpt();
    return (call.isPresent() ? json.path(DATA) : json) instanceof ObjectNode byVendor
            && byVendor.valueStream().allMatch(JsonNode::isObject)
        ? Optional.of(new Carried(byVendor, call))
        : Optional.empty();
  }
}
