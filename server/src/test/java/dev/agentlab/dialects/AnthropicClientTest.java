package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.agentlab.errors.InvalidInputException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Requests of clients of Anthropic's API, and what each provider receives: one folder per request
/// in `src/test/resources/messages`, with a file per provider. `-Dcorpus.record=true` writes
/// missing files.
class AnthropicClientTest {
  private static final Path CASES = Path.of("src/test/resources/messages");

  private record Provider(ProviderDialect dialect, String model) {}

  private static final Map<String, Provider> PROVIDERS =
      Map.of(
          "anthropic", new Provider(new Anthropic(), "claude-opus-5"),
          "openai", new Provider(OpenAi.withRules(), "gpt-5.6"),
          "gemini", new Provider(new Gemini(), "gemini-3-pro-preview"),
          "bedrock", new Provider(new BedrockConverse(), "us.anthropic.claude-opus-5-v1:0"));

  @TestFactory
  Stream<DynamicTest> requestIsWrittenForEachProvider() {
    return CorpusCase.folders(CASES).stream()
        .map(CorpusCase::new)
        .flatMap(it ->
            PROVIDERS.entrySet().stream()
                .map(provider ->
                    dynamicTest(
                        it.name() + " for " + provider.getKey(),
                        () ->
                            it.expect(
                                provider.getKey() + ".json", written(it, provider.getValue())))));
  }

  /// The body and the warnings, or the errors.
  private static JsonNode written(CorpusCase corpusCase, Provider provider) {
    ObjectNode request = (ObjectNode) ProviderJson.MAPPER.readTree(corpusCase.requestBytes());
    request.put("model", provider.model);
    String original = request.toString();
    ObjectNode result = ProviderJson.object();
    try {
      TranslationWarnings warnings = new TranslationWarnings();
      ProviderRequest written =
          provider.dialect.writeChat(AnthropicRequestReader.read(request), warnings);
      result.set("body", ProviderJson.MAPPER.readTree(new String(written.body(), UTF_8)));
      warnings.messages().forEach(result.withArrayProperty("warnings")::add);
    } catch (InvalidInputException e) {
      e.errors().forEach(error -> result.put(error.field(), error.message()));
    }
    assertThat(request).hasToString(original);
    return result;
  }
}
