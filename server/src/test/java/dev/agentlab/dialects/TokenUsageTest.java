package dev.agentlab.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.conversation.TokenUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenUsageTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"prompt_tokens": 3, "completion_tokens": 4}|3|4
          {"prompt_tokens": 3, "total_tokens": 3}|3|0
          {"prompt_tokens": "3", "completion_tokens": 1.5}|0|0
          {"prompt_tokens": -3, "completion_tokens": 99999999999999999999}|0|0
          {"prompt_tokens": null}|0|0
          []|0|0
          """)
  void invalidCountsAreReadAsZero(String usage, int input, int output) {
    TokenUsage read = OpenAiUsage.CHAT.read(ProviderJson.MAPPER.readTree(usage));

    assertThat(read.totalInput()).isEqualTo(input);
    assertThat(read.output()).isEqualTo(output);
  }

  @ParameterizedTest
  @CsvSource({
    "anthropic, answer-text, 3210, 12",
    "bedrock, answer-text, 10, 3",
    "gemini, answer-text, 11, 32",
    "openai, whole-text, 8, 10",
  })
  void everyDialectReportsNonStreamingUsage(String dialect, String name, int input, int output)
      throws IOException {
    Path folder = Path.of("src/test/resources/corpus", dialect, name);
    ModelRequest request = new CorpusCase(folder).request();
    byte[] answer = Files.readAllBytes(folder.resolve("answer.json"));

    TokenUsage usage = dialect(dialect).translateResponse(request, answer, Instant.EPOCH).usage();
    assertThat(usage.totalInput()).isEqualTo(input);
    assertThat(usage.output()).isEqualTo(output);
  }

  private static Dialect dialect(String name) {
    return switch (name) {
      case "anthropic" -> new Anthropic();
      case "bedrock" -> new BedrockConverse();
      case "gemini" -> new Gemini();
      default -> OpenAi.withRules();
    };
  }
}
