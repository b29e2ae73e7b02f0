package dev.agentlab.conversation;

import tools.jackson.databind.JsonNode;

/// The options of a chat request that have one JSON value. A writer decides about each: it writes
/// the option, rejects it, or warns that it has no effect.
///
/// The order is that of the warnings.
public enum RequestOption {
  /// The maximum number of output tokens, including reasoning.
  MAX_TOKENS(ValueType.NUMBER),
  /// The sampling temperature.
  TEMPERATURE(ValueType.NUMBER),
  /// The probability mass of nucleus sampling.
  TOP_P(ValueType.NUMBER),
  /// The number of most likely tokens from which to sample.
  TOP_K(ValueType.NUMBER),
  /// The texts before which the output ends: an array of strings.
  STOP_SEQUENCES(ValueType.ARRAY),
  /// How much the model reasons, in words such as `low`.
  REASONING_EFFORT(ValueType.STRING),
  /// The maximum number of reasoning tokens.
  REASONING_BUDGET(ValueType.NUMBER),
  /// The settings of reasoning in the format of the client's vendor. What other vendors know of
  /// them is in [#REASONING_EFFORT] and [#REASONING_BUDGET].
  REASONING_SETTINGS(ValueType.ANY),
  /// The number of alternative responses.
  CHOICES(ValueType.NUMBER),
  /// Whether to return the probabilities of the tokens.
  LOG_PROBABILITIES(ValueType.BOOLEAN),
  /// The number of alternative tokens whose probabilities to return.
  TOP_LOG_PROBABILITIES(ValueType.NUMBER),
  /// Additions to the probabilities of single tokens.
  LOGIT_BIAS(ValueType.ANY),
  /// The format of spoken output.
  AUDIO_OUTPUT(ValueType.ANY),
  /// The settings of a web search by the provider.
  WEB_SEARCH(ValueType.ANY),
  /// The kinds of output, such as text: an array of strings.
  MODALITIES(ValueType.ARRAY),
  /// The settings of the event stream.
  STREAM_OPTIONS(ValueType.ANY),
  /// Whether the model may call several tools at once.
  PARALLEL_TOOL_CALLS(ValueType.BOOLEAN),
  /// The seed of repeatable sampling.
  SEED(ValueType.NUMBER),
  /// The penalty for tokens that have occurred.
  PRESENCE_PENALTY(ValueType.NUMBER),
  /// The penalty for tokens by how often they have occurred.
  FREQUENCY_PENALTY(ValueType.NUMBER),
  /// The requested length of the output, in words such as `low`.
  VERBOSITY(ValueType.ANY),
  /// Text that the output is likely to repeat.
  PREDICTION(ValueType.ANY),
  /// The key by which the provider finds its cache of the prompt.
  PROMPT_CACHE_KEY(ValueType.ANY),
  /// How long the provider keeps the prompt in its cache.
  PROMPT_CACHE_RETENTION(ValueType.ANY),
  /// Whether the provider stores the conversation.
  STORE(ValueType.ANY),
  /// The provider's service tier.
  SERVICE_TIER(ValueType.ANY),
  /// Labels that the provider stores with the conversation.
  METADATA(ValueType.ANY),
  /// The end user, to detect abuse.
  USER(ValueType.ANY),
  /// The end user, to detect abuse; replaces [#USER] in OpenAI's API.
  SAFETY_IDENTIFIER(ValueType.ANY);

  private final ValueType type;

  RequestOption(ValueType type) {
    this.type = type;
  }

  /// The type of the option's value.
  public ValueType type() {
    return type;
  }

  /// A type of JSON values.
  public enum ValueType {
    /// Any value.
    ANY("any value"),
    /// A number.
    NUMBER("a number"),
    /// A boolean.
    BOOLEAN("a boolean"),
    /// A string.
    STRING("a string"),
    /// An array.
    ARRAY("an array");

    private final String description;

    ValueType(String description) {
      this.description = description;
    }

    /// The rest of a sentence that begins with "must be".
    public String description() {
      return description;
    }

    /// Whether the value has this type.
    public boolean matches(JsonNode value) {
      return switch (this) {
        case ANY -> true;
        case NUMBER -> value.isNumber();
        case BOOLEAN -> value.isBoolean();
        case STRING -> value.isString();
        case ARRAY -> value.isArray();
      };
    }
  }
}
