package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.RequestOption;
import dev.agentlab.conversation.VendorMembers;
import java.util.EnumMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The names of OpenAI's chat completions API that readers and writers share
/// (https://platform.openai.com/docs/api-reference/chat).
final class ChatCompletions {
  /// The vendor whose members are those of the API itself.
  static final String VENDOR = "openai";

  /// The member with data of other vendors, as in Google's OpenAI-compatible API.
  static final String EXTRA_CONTENT = "extra_content";

  /// The members of the options, except [RequestOption#STOP_SEQUENCES] and
  /// [RequestOption#MAX_TOKENS], which have several forms.
  static final Map<RequestOption, String> OPTIONS = new EnumMap<>(RequestOption.class);

  static {
    OPTIONS.put(RequestOption.TEMPERATURE, "temperature");
    OPTIONS.put(RequestOption.TOP_P, "top_p");
    OPTIONS.put(RequestOption.TOP_K, "top_k");
    OPTIONS.put(RequestOption.REASONING_EFFORT, "reasoning_effort");
    OPTIONS.put(RequestOption.CHOICES, "n");
    OPTIONS.put(RequestOption.LOG_PROBABILITIES, "logprobs");
    OPTIONS.put(RequestOption.TOP_LOG_PROBABILITIES, "top_logprobs");
    OPTIONS.put(RequestOption.LOGIT_BIAS, "logit_bias");
    OPTIONS.put(RequestOption.AUDIO_OUTPUT, "audio");
    OPTIONS.put(RequestOption.WEB_SEARCH, "web_search_options");
    OPTIONS.put(RequestOption.MODALITIES, "modalities");
    OPTIONS.put(RequestOption.STREAM_OPTIONS, "stream_options");
    OPTIONS.put(RequestOption.PARALLEL_TOOL_CALLS, "parallel_tool_calls");
    OPTIONS.put(RequestOption.SEED, "seed");
    OPTIONS.put(RequestOption.PRESENCE_PENALTY, "presence_penalty");
    OPTIONS.put(RequestOption.FREQUENCY_PENALTY, "frequency_penalty");
    OPTIONS.put(RequestOption.VERBOSITY, "verbosity");
    OPTIONS.put(RequestOption.PREDICTION, "prediction");
    OPTIONS.put(RequestOption.PROMPT_CACHE_KEY, "prompt_cache_key");
    OPTIONS.put(RequestOption.PROMPT_CACHE_RETENTION, "prompt_cache_retention");
    OPTIONS.put(RequestOption.STORE, "store");
    OPTIONS.put(RequestOption.SERVICE_TIER, "service_tier");
    OPTIONS.put(RequestOption.METADATA, "metadata");
    OPTIONS.put(RequestOption.USER, "user");
    OPTIONS.put(RequestOption.SAFETY_IDENTIFIER, "safety_identifier");
  }

  private ChatCompletions() {}

  /// The `finish_reason` for a reason.
  ///
  /// @param vendorReason the vendor's own word, which is kept if the vendor speaks this dialect
  static String finishReason(FinishReason reason, String vendor, String vendorReason) {
    return switch (reason) {
      case STOP -> "stop";
      case LENGTH -> "length";
      case TOOL_CALLS -> "tool_calls";
      case CONTENT_FILTER -> "content_filter";
      case OTHER -> vendor.equals(VENDOR) ? vendorReason : "stop";
    };
  }

  /// The reason that a `finish_reason` stands for.
  static FinishReason finishReason(String word) {
    return switch (word) {
      case "stop" -> FinishReason.STOP;
      case "length" -> FinishReason.LENGTH;
      case "tool_calls" -> FinishReason.TOOL_CALLS;
      case "content_filter" -> FinishReason.CONTENT_FILTER;
      default -> FinishReason.OTHER;
    };
  }

  /// The members that contain a vendor's data: those of the API itself at their place, and others
  /// in [#EXTRA_CONTENT].
  static ObjectNode members(VendorMembers data) {
    return data.vendor().equals(VENDOR)
        ? data.members()
        : ProviderJson.object()
            .set(EXTRA_CONTENT, ProviderJson.object().set(data.vendor(), data.members()));
  }

  /// Adds parts of a message to it: texts of the message itself are appended to those of the same
  /// name, and others are merged.
  static void append(ObjectNode source, ObjectNode message) {
    source.forEachEntry((name, value) -> {
      if (value.isString() && message.path(name).isString()) {
        message.put(name, message.path(name).stringValue() + value.stringValue());
      } else {
        merge(name, value, message);
      }
    });
  }

  /// Adds members to an object: lists are appended to those of the same name, objects are merged,
  /// and other values are replaced.
  static void merge(ObjectNode source, ObjectNode target) {
    source.forEachEntry((name, value) -> merge(name, value, target));
  }

  private static void merge(String name, JsonNode value, ObjectNode target) {
    JsonNode present = target.path(name);
    if (value instanceof ObjectNode inner && present instanceof ObjectNode other) {
      merge(inner, other);
    } else if (value instanceof ArrayNode list && present instanceof ArrayNode other) {
      other.addAll(list);
    } else {
      // A copy, because later members are merged into it.
      target.set(name, value.deepCopy());
    }
  }
}
