package dev.agentlab.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.dialects.ResponseSummary.Block;
import dev.agentlab.dialects.ResponseSummary.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The forms in which providers of OpenAI's API return readable reasoning.
class ChatCompletionsReasoningTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        // DeepSeek.
        "{\"role\": \"assistant\", \"reasoning_content\": \"Hm.\", \"content\": \"4\"}",
        // OpenRouter and vLLM.
        "{\"role\": \"assistant\", \"reasoning\": \"Hm.\", \"content\": \"4\"}",
        "{\"role\": \"assistant\", \"reasoning\": \"Hm.\", \"reasoning_content\": \"Hm.\", \"content\": \"4\"}",
        // Mistral.
        "{\"role\": \"assistant\", \"content\": [{\"type\": \"thinking\", \"thinking\": [{\"type\": \"text\", \"text\": \"Hm.\"}]}, {\"type\": \"text\", \"text\": \"4\"}]}",
      })
  void reasoningIsRead(String message) {
    List<StreamEvent> events = new ArrayList<>();

    OpenAi.withRules()
        .readChat(
            ProviderJson.MAPPER.readTree(
                "{\"choices\": [{\"index\": 0, \"message\": %s, \"finish_reason\": \"stop\"}]}"
                    .formatted(message)),
            CorpusEvents.AT,
            events::add);

    ResponseSummary summary = ResponseSummary.of("", events);
    assertThat(summary.blocks())
        .containsExactly(new Block(Kind.REASONING, "Hm."), new Block(Kind.TEXT, "4"));
    assertThat(summary.vendorContent()).isEmpty();
  }
}
