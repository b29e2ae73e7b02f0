package dev.agentlab.dialects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.TokenClass;
import dev.agentlab.memory.MemoryBudget;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/// Events that are written for a client of Google's API, as a response and as a stream, and read
/// again as those of a provider.
class GeminiRoundTripTest {
  @TestFactory
  Stream<DynamicTest> eventsOfTheCorpusSurvive() {
    return CorpusEvents.files()
        .map(file -> dynamicTest(file.toString(), () -> requireSurvival(CorpusEvents.read(file))));
  }

  @Property(tries = 1_000)
  void eventsOfAnyResponseSurvive(@ForAll long seed) {
    for (String vendor : List.of("anthropic", "bedrock", "gemini")) {
      ResponseGenerator.GeneratedResponse generated = ResponseGenerator.response(vendor, seed);
      ProviderDialect dialect =
          switch (vendor) {
            case "anthropic" -> new Anthropic();
            case "bedrock" -> new BedrockConverse();
            default -> new Gemini();
          };
      List<StreamEvent> events = new ArrayList<>();
      dialect.readChat(
          ProviderJson.MAPPER.readTree(generated.complete()), CorpusEvents.AT, events::add);
      requireSurvival(events);
    }
  }

  private static void requireSurvival(List<StreamEvent> events) {
    byte[] stream = stream(events);
    if (!(events.getLast() instanceof ResponseFinished)) {
      return;
    }
    ResponseSummary expected = summary(events);

    List<StreamEvent> ofStream = new ArrayList<>();
    ProviderStreamReader reader =
        new Gemini().createReader(CorpusEvents.memory(), CorpusEvents.AT, ofStream::add);
    for (byte b : stream) {
      reader.read(new byte[] {b});
    }
    ofStream.add(reader.createFinish());
    assertThat(summary(ofStream)).isEqualTo(expected);

    GeminiResponseWriter writer = new GeminiResponseWriter("m", CorpusEvents.AT);
    events.forEach(writer::write);
    JsonNode response = ProviderJson.MAPPER.readTree(writer.toAnswer().json());
    List<StreamEvent> ofResponse = new ArrayList<>();
    new Gemini().readChat(response, CorpusEvents.AT, ofResponse::add);
    assertThat(summary(ofResponse)).isEqualTo(expected);

    GeminiTap tap = new GeminiTap(new MemoryBudget(64 << 20).open());
    assertThat(tap.read(stream)).isEqualTo(stream);
    assertThat(tap.finish()).isEmpty();
    assertThat(tap.isComplete()).isTrue();
  }

  /// The order of calls among texts may change, because a call is written when it is complete. The
  /// tokens that were written to a cache are part of the prompt.
  private static ResponseSummary summary(List<StreamEvent> events) {
    ResponseSummary summary = ResponseSummary.of("google", events).merged();
    Map<TokenClass, Long> counts = new EnumMap<>(summary.counts());
    for (TokenClass written :
        List.of(TokenClass.CACHE_WRITE_5_MINUTES, TokenClass.CACHE_WRITE_1_HOUR)) {
      counts.merge(TokenClass.INPUT, summary.counts().getOrDefault(written, 0L), Long::sum);
      counts.remove(written);
    }
    return new ResponseSummary(summary.blocks(), summary.vendorContent(), summary.reason(), counts);
  }

  private static byte[] stream(List<StreamEvent> events) {
    GeminiStreamWriter writer = new GeminiStreamWriter("m", CorpusEvents.AT);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (StreamEvent event : events) {
      writer.write(event);
      out.writeBytes(writer.take());
    }
    return out.toByteArray();
  }
}
