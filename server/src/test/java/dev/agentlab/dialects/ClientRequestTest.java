package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.agentlab.errors.InvalidInputException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Requests of clients of other APIs than OpenAI's chats, and what each provider receives: one
/// folder per request in `src/test/resources/messages`, `contents` and `responses`, with a file per
/// provider. `-Dcorpus.record=true` writes missing files.
class ClientRequestTest {
  private static final Path RESOURCES = Path.of("src/test/resources");

  private record Provider(ProviderDialect dialect, String model) {}

  private static final Map<String, Provider> PROVIDERS =
      Map.of(
          "anthropic", new Provider(new Anthropic(), "claude-opus-5"),
          "openai", new Provider(OpenAi.withRules(), "gpt-5.6"),
          "gemini", new Provider(new Gemini(), "gemini-3-pro-preview"),
          "bedrock", new Provider(new BedrockConverse(), "us.anthropic.claude-opus-5-v1:0"));

  @TestFactory
  Stream<DynamicTest> requestOfAnthropicsClientIsWrittenForEachProvider() {
    return tests("messages", Operation.MESSAGES, PROVIDERS.keySet());
  }

  /// Google receives the bytes of its own clients.
  @TestFactory
  Stream<DynamicTest> requestOfGooglesClientIsWrittenForOtherProviders() {
    return tests("contents", Operation.GENERATE_CONTENT, Set.of("anthropic", "openai", "bedrock"));
  }

  /// Providers that have the Responses API receive the bytes of its clients.
  @TestFactory
  Stream<DynamicTest> requestOfResponsesClientIsWrittenForOtherProviders() {
    return tests("responses", Operation.RESPONSES, PROVIDERS.keySet());
  }

  private static Stream<DynamicTest> tests(
      String folder, Operation operation, Set<String> providers) {
    return CorpusCase.folders(RESOURCES.resolve(folder)).stream()
        .map(CorpusCase::new)
        .flatMap(it ->
            providers.stream()
                .map(provider ->
                    dynamicTest(
                        it.name() + " for " + provider,
                        () ->
                            it.expect(
                                provider + ".json",
                                written(it, operation, requireNonNull(PROVIDERS.get(provider)))))));
  }

  /// The body and the warnings, or the errors.
  private static JsonNode written(CorpusCase corpusCase, Operation operation, Provider provider) {
    byte[] bytes = corpusCase.requestBytes();
    ModelRequest request =
        operation == Operation.GENERATE_CONTENT
            ? ModelRequest.parse(operation, provider.model, false, bytes)
            : ModelRequest.parse(operation, bytes).withModel(provider.model);
    ObjectNode result = ProviderJson.object();
    try {
      TranslationWarnings warnings = new TranslationWarnings();
      ProviderRequest written = provider.dialect.writeChat(ProviderDialect.read(request), warnings);
      result.set("body", ProviderJson.MAPPER.readTree(new String(written.body(), UTF_8)));
      warnings.messages().forEach(result.withArrayProperty("warnings")::add);
    } catch (InvalidInputException e) {
      e.errors().forEach(error -> result.put(error.field(), error.message()));
    }
    return result;
  }
}
