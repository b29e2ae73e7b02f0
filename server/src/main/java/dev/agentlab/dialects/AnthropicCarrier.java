package dev.agentlab.dialects;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The `data` of a `redacted_thinking` block with data of other vendors. Clients of Anthropic's API
/// must send these blocks back unchanged, so a model of another vendor receives in the next request
/// what it needs.
///
/// The data is [#PREFIX] and base64url of JSON: `{"<vendor>": {members}}` for a message, and
/// `{"call": "<id>", "data": {"<vendor>": {members}}}` for the tool call in the block that follows.
final class AnthropicCarrier {
  /// Anthropic's own data is base64, which has no dot.
  private static final String PREFIX = "agl1.";

  private static final byte[] PREFIX_BYTES = PREFIX.getBytes(StandardCharsets.US_ASCII);
  private static final String CALL = "call";
  private static final String DATA = "data";

  /// The content of a carrier.
  ///
  /// @param byVendor the members by vendor, such as `google`
  /// @param call the id of the tool call to which they belong; empty for the message
  record Carried(ObjectNode byVendor, Optional<String> call) {}

  private AnthropicCarrier() {}

  /// Encodes data of a message, or of a tool call.
  static String encode(ObjectNode byVendor, Optional<String> call) {
    ObjectNode json =
        call.map(id -> ProviderJson.object().put(CALL, id).set(DATA, byVendor)).orElse(byVendor);
    return PREFIX
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(ProviderJson.MAPPER.writeValueAsBytes(json));
  }

  /// Whether a text may contain an encoded carrier.
  static boolean mayBeIn(byte[] text) {
    for (int i = 0; i <= text.length - PREFIX_BYTES.length; i++) {
      if (text[i] == PREFIX_BYTES[0]
          && Arrays.equals(
              text, i, i + PREFIX_BYTES.length, PREFIX_BYTES, 0, PREFIX_BYTES.length)) {
        return true;
      }
    }
    return false;
  }

  /// Decodes the `data` of a block; empty if [#encode] did not write it.
  static Optional<Carried> decode(String data) {
    if (!data.startsWith(PREFIX)) {
      return Optional.empty();
    }
    JsonNode json;
    try {
      json =
          ProviderJson.MAPPER.readTree(
              Base64.getUrlDecoder().decode(data.substring(PREFIX.length())));
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
