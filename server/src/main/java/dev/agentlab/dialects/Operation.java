package dev.agentlab.dialects;

/// The operations of a model. All providers have chats, in the API of any client, and those that
/// can have [#EMBEDDINGS]; the requests of all other operations are forwarded as they are.
public enum Operation {
  /// A chat completion, streaming or non-streaming
  /// (https://platform.openai.com/docs/api-reference/chat).
  CHAT("chat/completions"),
  /// One embedding vector for each input string
  /// (https://platform.openai.com/docs/api-reference/embeddings).
  EMBEDDINGS("embeddings"),
  /// A chat in Anthropic's API, streaming or non-streaming
  /// (https://platform.claude.com/docs/en/api/messages).
  MESSAGES("messages"),
  /// The number of tokens of such a chat
  /// (https://platform.claude.com/docs/en/api/messages-count-tokens).
  COUNT_TOKENS("messages/count_tokens"),
  /// A chat in Google's API, streaming or non-streaming
  /// (https://ai.google.dev/api/generate-content).
  GENERATE_CONTENT("generateContent"),
  /// The number of tokens of such a chat (https://ai.google.dev/api/tokens).
  COUNT_CONTENT_TOKENS("countTokens"),
  /// The embedding vector of one content (https://ai.google.dev/api/embeddings).
  EMBED_CONTENT("embedContent"),
  /// One embedding vector for each of several contents.
  BATCH_EMBED_CONTENTS("batchEmbedContents"),
  /// A response in OpenAI's Responses API, streaming or non-streaming
  /// (https://platform.openai.com/docs/api-reference/responses).
  RESPONSES("responses"),
  /// A chat completion that is requested in the form of a response, as Cursor does.
  CHAT_WITH_INPUT("chat/completions"),
  /// The number of input tokens of such a response.
  COUNT_RESPONSE_TOKENS("responses/input_tokens"),
  /// A shorter form of a conversation.
  COMPACT_RESPONSE("responses/compact"),
  /// The continuation of a text (https://platform.openai.com/docs/api-reference/completions).
  COMPLETIONS("completions"),
  /// The classification of harmful content
  /// (https://platform.openai.com/docs/api-reference/moderations).
  MODERATIONS("moderations"),
  /// The relevance of documents for a query
  /// (https://docs.vllm.ai/en/latest/serving/openai_compatible_server).
  RERANK("rerank"),
  /// https://platform.openai.com/docs/api-reference/images/create
  IMAGE_GENERATION("images/generations"),
  /// https://platform.openai.com/docs/api-reference/images/createEdit
  IMAGE_EDIT("images/edits"),
  /// https://platform.openai.com/docs/api-reference/images/createVariation
  IMAGE_VARIATION("images/variations"),
  /// https://platform.openai.com/docs/api-reference/audio/createSpeech
  SPEECH("audio/speech"),
  /// https://platform.openai.com/docs/api-reference/audio/createTranscription
  TRANSCRIPTION("audio/transcriptions"),
  /// https://platform.openai.com/docs/api-reference/audio/createTranslation
  TRANSLATION("audio/translations"),
  /// Any request to the API of a provider.
  PROXY("");

  private final String path;

  Operation(String path) {
    this.path = path;
  }

  /// The path of the operation in the API of its vendor, relative to the base URL; in Google's API
  /// the method of the model; empty for [#PROXY].
  public String path() {
    return path;
  }

  /// Whether a model answers to a conversation, or to a prompt in the form of one.
  public boolean isChat() {
    return switch (this) {
      case CHAT, COMPLETIONS, MESSAGES, GENERATE_CONTENT, RESPONSES, CHAT_WITH_INPUT -> true;
      default -> false;
    };
  }
}
