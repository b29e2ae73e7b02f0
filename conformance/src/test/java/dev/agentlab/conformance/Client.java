package dev.agentlab.conformance;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/// A published client of OpenAI's, Anthropic's or Google's API.
@SuppressWarnings("ImmutableEnumChecker") // The sets are immutable.
enum Client {
  /// PyPI `openai`.
  OPENAI_PYTHON(Set.of(), Set.of()),
  /// npm `openai`. The parser of JavaScript has no large integers.
  OPENAI_NODE(Set.of(), Set.of("unknown-members", "unknown-members-stream")),
  /// npm `ai` with `@ai-sdk/openai` in chat mode. It asks for the usage of every stream, and reads
  /// no reasoning in chat mode.
  AI_SDK(
      Set.of("exact numbers", "indexes", "reasoning"),
      Set.of(
          "embeddings",
          "models",
          "no-retry",
          "stream",
          "text-completion",
          "text-completion-stream",
          "unknown-members",
          "unknown-members-stream")),
  /// npm `@langchain/openai`. It retries a rate-limited call only if there is advice, but waits a
  /// random time.
  LANGCHAIN(
      Set.of("advised wait", "exact numbers"),
      Set.of(
          "embeddings",
          "models",
          "no-retry",
          "text-completion",
          "text-completion-stream",
          "unknown-members",
          "unknown-members-stream")),
  /// Maven `com.openai:openai-java`.
  OPENAI_JAVA(Set.of(), Set.of("text-completion", "text-completion-stream")),
  /// Maven `dev.langchain4j:langchain4j-open-ai`. It asks for the usage of every stream, gets no
  /// single model, reads no header fields of errors, and obeys no advice. It ignores an error among
  /// the events of a stream whose event has no name, as OpenAI's, and then returns a response
  /// without a finish reason.
  LANGCHAIN4J(
      Set.of("unnamed error events", "requestId", "retrieved"),
      Set.of(
          "embeddings",
          "no-retry",
          "retry-advice",
          "stream",
          "text-completion",
          "text-completion-stream",
          "unknown-members",
          "unknown-members-stream")),
  /// PyPI `openai` with the Responses API.
  RESPONSES_PYTHON(Set.of(), Set.of()),
  /// npm `openai` with the Responses API. The parser of JavaScript has no large integers.
  RESPONSES_NODE(Set.of(), Set.of("unknown-members", "unknown-members-stream")),
  /// npm `ai` with `@ai-sdk/openai` in its default mode, which is the Responses API. It has no
  /// methods for stored responses, but refers to their items.
  RESPONSES_AI_SDK(
      Set.of("events", "exact numbers", "refusal", "streamed"),
      Set.of(
          "background",
          "cancel",
          "compact",
          "count-tokens",
          "custom",
          "custom-stream",
          "foreign",
          "models",
          "no-retry",
          "not-cancellable",
          "stored",
          "stream-helper",
          "tools-stored",
          "unknown-members",
          "unknown-members-stream")),
  /// Maven `com.openai:openai-java` with the Responses API.
  RESPONSES_JAVA(Set.of(), Set.of()),
  /// Maven `dev.langchain4j:langchain4j-anthropic`. It has one way to read a stream, reads one page
  /// of the models, and obeys no advice.
  LANGCHAIN4J_ANTHROPIC(
      Set.of("usage.thinking"),
      Set.of("models", "no-retry", "retry-advice", "stream", "stream-text")),
  /// PyPI `anthropic`.
  ANTHROPIC_PYTHON(Set.of(), Set.of()),
  /// npm `@anthropic-ai/sdk`. The parser of JavaScript has no large integers.
  ANTHROPIC_NODE(Set.of("exact numbers"), Set.of()),
  /// Maven `com.anthropic:anthropic-java`. It has one way to read a stream, and other types for
  /// beta features.
  ANTHROPIC_JAVA(Set.of(), Set.of("beta", "stream-text")),
  /// PyPI `google-genai`. Google's clients obey no advice, and its API has no ids of requests.
  GOOGLE_PYTHON(Set.of("advised wait", "requestId"), Set.of()),
  /// npm `@google/genai`. It calls functions itself only for MCP servers, and does not show the
  /// bytes of a response.
  GOOGLE_NODE(
      Set.of("advised wait", "exact numbers", "requestId"), Set.of("automatic", "unknown-members")),
  /// Maven `com.google.genai:google-genai`. It calls only functions of its own process, has no
  /// details of errors, and does not show the bytes of a response.
  GOOGLE_JAVA(
      Set.of("advised wait", "requestId"), Set.of("automatic", "retry-info", "unknown-members"));

  private final Set<String> hidden;
  private final Set<String> unsupported;

  /// @param hidden members of observations that the client does not show
  /// @param unsupported scenarios that the client cannot run
  Client(Set<String> hidden, Set<String> unsupported) {
    this.hidden = hidden;
    this.unsupported = unsupported;
  }

  boolean shows(String member) {
    return !hidden.contains(member);
  }

  boolean supports(String scenario) {
    return !unsupported.contains(scenario);
  }

  /// The vendor of the API.
  String vendor() {
    return switch (this) {
      case LANGCHAIN4J_ANTHROPIC, ANTHROPIC_PYTHON, ANTHROPIC_NODE, ANTHROPIC_JAVA -> "anthropic";
      case GOOGLE_PYTHON, GOOGLE_NODE, GOOGLE_JAVA -> "gemini";
      default -> "openai";
    };
  }

  /// Whether it calls OpenAI's Responses API.
  boolean usesResponses() {
    return switch (this) {
      case RESPONSES_PYTHON, RESPONSES_NODE, RESPONSES_AI_SDK, RESPONSES_JAVA -> true;
      default -> false;
    };
  }

  /// The scenarios of the API.
  List<Scenario> scenarios() {
    if (usesResponses()) {
      return ResponsesScenarios.all();
    }
    return switch (vendor()) {
      case "anthropic" -> AnthropicScenarios.all();
      case "gemini" -> GeminiScenarios.all();
      default -> Scenario.all();
    };
  }

  /// The type of the error that the client raises for a status.
  String errorType(int status) {
    return switch (this) {
      case OPENAI_PYTHON, RESPONSES_PYTHON -> openAiErrorType(status, "APIStatusError");
      case ANTHROPIC_PYTHON, ANTHROPIC_NODE ->
          switch (status) {
            case 413 -> "ContentTooLargeError";
            case 503 -> "ServiceUnavailableError";
            case 529 -> "OverloadedError";
            default -> openAiErrorType(status, "");
          };
      case OPENAI_NODE, LANGCHAIN, RESPONSES_NODE -> openAiErrorType(status, "APIError");
      case AI_SDK, RESPONSES_AI_SDK -> "AI_APICallError";
      case OPENAI_JAVA, RESPONSES_JAVA -> javaErrorType(status);
      case ANTHROPIC_JAVA ->
          switch (status) {
            case 413 -> "ContentTooLargeException";
            case 503 -> "ServiceUnavailableException";
            case 529 -> "OverloadedException";
            default -> javaErrorType(status);
          };
      case GOOGLE_PYTHON -> status >= 500 ? "ServerError" : "ClientError";
      case GOOGLE_NODE -> "ApiError";
      case GOOGLE_JAVA -> status >= 500 ? "ServerException" : "ClientException";
      case LANGCHAIN4J, LANGCHAIN4J_ANTHROPIC ->
          switch (status) {
            case 401, 403 -> "AuthenticationException";
            case 404 -> "ModelNotFoundException";
            case 429 -> "RateLimitException";
            default -> status >= 500 ? "InternalServerException" : "InvalidRequestException";
          };
    };
  }

  /// @param other the type of statuses without their own
  private static String openAiErrorType(int status, String other) {
    return switch (status) {
      case 400 -> "BadRequestError";
      case 401 -> "AuthenticationError";
      case 403 -> "PermissionDeniedError";
      case 404 -> "NotFoundError";
      case 429 -> "RateLimitError";
      default -> status >= 500 ? "InternalServerError" : other;
    };
  }

  private static String javaErrorType(int status) {
    return switch (status) {
      case 400 -> "BadRequestException";
      case 401 -> "UnauthorizedException";
      case 403 -> "PermissionDeniedException";
      case 404 -> "NotFoundException";
      case 429 -> "RateLimitException";
      default -> status >= 500 ? "InternalServerException" : "UnexpectedStatusCodeException";
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
