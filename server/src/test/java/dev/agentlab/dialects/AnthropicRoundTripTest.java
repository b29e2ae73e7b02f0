package dev.agentlab.dialects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceFinished;
import dev.agentlab.conversation.StreamEvent.ReasoningDelta;
import dev.agentlab.conversation.StreamEvent.ReasoningEnded;
import dev.agentlab.conversation.StreamEvent.ReasoningStarted;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.StreamEvent.TextDelta;
import dev.agentlab.conversation.StreamEvent.TextEnded;
import dev.agentlab.conversation.StreamEvent.TextStarted;
import dev.agentlab.conversation.StreamEvent.ToolInputDelta;
import dev.agentlab.conversation.StreamEvent.ToolInputEnded;
import dev.agentlab.conversation.StreamEvent.ToolInputStarted;
import dev.agentlab.conversation.StreamEvent.VendorContent;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.conversation.VendorMembers;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/// Events that are written for a client of Anthropic's API, as a message and as a stream, and read
/// again as those of a provider.
class AnthropicRoundTripTest {
  private static final Instant AT = CorpusEvents.AT;

  @TestFactory
  Stream<DynamicTest> eventsOfTheCorpusSurvive() {
    return CorpusEvents.files()
        .map(file -> dynamicTest(file.toString(), () -> requireSurvival(CorpusEvents.read(file))));
  }

  /// Blocks that overlap in any way.
  @Property(tries = 2_000)
  void interleavedBlocksSurvive(@ForAll long seed) {
    requireSurvival(interleaved(new Random(seed)));
  }

  private static void requireSurvival(List<StreamEvent> events) {
    byte[] stream = stream(events);
    AnthropicStreamChecker checker = AnthropicStreamChecker.read(stream);
    if (!(events.getLast() instanceof ResponseFinished)) {
      return;
    }
    JsonNode message = message(events);
    assertThat(checker.message()).isEqualTo(message);

    List<StreamEvent> ofStream = new ArrayList<>();
    ProviderStreamReader reader =
        new Anthropic().createReader(CorpusEvents.memory(), AT, ofStream::add);
    for (byte b : stream) {
      reader.read(new byte[] {b});
    }
    assertThat(ResponseSummary.of("anthropic", ofStream))
        .isEqualTo(ResponseSummary.of("anthropic", events));

    List<StreamEvent> ofMessage = new ArrayList<>();
    new Anthropic().readChat(message, AT, ofMessage::add);
    assertThat(ResponseSummary.of("anthropic", ofMessage))
        .isEqualTo(ResponseSummary.of("anthropic", events));
  }

  private static byte[] stream(List<StreamEvent> events) {
    AnthropicStreamWriter writer = new AnthropicStreamWriter("m", AT);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (StreamEvent event : events) {
      writer.write(event);
      out.writeBytes(writer.take());
    }
    assertThat(!(events.getLast() instanceof ResponseFinished) || writer.retainedBytes() < 10_000)
        .isTrue();
    return out.toByteArray();
  }

  private static JsonNode message(List<StreamEvent> events) {
    AnthropicResponseWriter writer = new AnthropicResponseWriter("m", AT);
    events.forEach(writer::write);
    return ProviderJson.MAPPER.readTree(writer.toAnswer().json());
  }

  /// Blocks in the order of their starts, each of which is interleaved with others.
  static List<StreamEvent> interleaved(Random random) {
    List<List<StreamEvent>> blocks = new ArrayList<>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      blocks.add(block(random, blocks.size()));
    }
    List<StreamEvent> events = new ArrayList<>();
    Collections.shuffle(blocks, random);
    while (!blocks.isEmpty()) {
      List<StreamEvent> block = blocks.get(random.nextInt(blocks.size()));
      events.add(block.removeFirst());
      blocks.removeIf(List::isEmpty);
    }
    boolean hasCalls = events.stream().anyMatch(ToolInputStarted.class::isInstance);
    events.add(
        new ChoiceFinished(
            0, hasCalls ? FinishReason.TOOL_CALLS : FinishReason.STOP, "openai", "stop"));
    events.add(new ResponseFinished(new TokenUsage(random.nextInt(9), 2), Optional.empty()));
    return events;
  }

  private static List<StreamEvent> block(Random random, int id) {
    List<StreamEvent> events = new ArrayList<>();
    switch (random.nextInt(4)) {
      case 0 -> {
        events.add(new TextStarted(0, id));
        parts(random, "Grüße 👋 {}\n" + id).forEach(part -> events.add(new TextDelta(0, id, part)));
        events.add(new TextEnded(0, id));
      }
      case 1 -> {
        events.add(new ReasoningStarted(0, id));
        parts(random, "Hm " + id).forEach(part -> events.add(new ReasoningDelta(0, id, part)));
        Optional<VendorMembers> original =
            random.nextBoolean()
                ? Optional.empty()
                : Optional.of(
                    new VendorMembers("bedrock", ProviderJson.object().set("reasoning", list(id))));
        events.add(new ReasoningEnded(0, id, Optional.empty(), Optional.empty(), original));
      }
      case 2 -> {
        Optional<VendorMembers> data =
            random.nextBoolean()
                ? Optional.empty()
                : Optional.of(
                    new VendorMembers("google", ProviderJson.object().put("signature", id)));
        events.add(new ToolInputStarted(0, id, "call_" + id, "f", "", data));
        parts(random, " {\"a\": [" + id + ", 1.50, \"ä \"]}\n")
            .forEach(part -> events.add(new ToolInputDelta(0, id, part)));
        events.add(new ToolInputEnded(0, id));
      }
      default ->
          events.add(
              new VendorContent(
                  0, new VendorMembers("google", ProviderJson.object().set("parts", list(id)))));
    }
    return events;
  }

  private static ArrayNode list(int element) {
    return ProviderJson.array().add(element);
  }

  /// Splits a text between any characters.
  private static List<String> parts(Random random, String text) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    while (start < text.length()) {
      int end = Math.min(text.length(), start + random.nextInt(4));
      if (end < text.length() && Character.isLowSurrogate(text.charAt(end))) {
        end++;
      }
      parts.add(text.substring(start, end));
      start = end;
    }
    return parts;
  }
}
