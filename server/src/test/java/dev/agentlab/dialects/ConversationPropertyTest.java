package dev.agentlab.dialects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.agentlab.dialects.ClientTranscript.Entry;
import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.ShrinkingMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Any valid conversation reaches each provider as a whole: every text, call, result, signature and
/// option is in the provider's request, once and at its place. What is not has a warning that names
/// it, or the request is refused.
class ConversationPropertyTest {
  private static final Map<String, String> REFUSED_BY_ANTHROPIC =
      Map.of("messages[].content[].file.file_data", "text/csv", "tool_choice", "allowed_tools");
  private static final Map<String, String> REFUSED_BY_GEMINI =
      Map.of("messages[].content", "image_url");
  private static final Map<String, String> REFUSED_BY_BEDROCK =
      Map.of(
          "messages[].content", "image_url",
          "messages[].content[].image_url.url", "https:",
          "response_format.type", "json_object",
          "tool_choice", "allowed_tools");

  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void anthropicReceivesTheWholeConversation(@ForAll("seeds") long seed) {
    requireWhole(new Anthropic(), "anthropic", REFUSED_BY_ANTHROPIC, seed);
  }

  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void geminiReceivesTheWholeConversation(@ForAll("seeds") long seed) {
    requireWhole(new Gemini(), "google", REFUSED_BY_GEMINI, seed);
  }

  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void bedrockReceivesTheWholeConversation(@ForAll("seeds") long seed) {
    requireWhole(new BedrockConverse(), "bedrock", REFUSED_BY_BEDROCK, seed);
  }

  @Provide
  Arbitrary<Long> seeds() {
    return Arbitraries.longs().withDistribution(RandomDistribution.uniform()).withoutEdgeCases();
  }

  /// @param refused what the provider does not accept: a text in the value of each member
  private static void requireWhole(
      Dialect dialect, String vendor, Map<String, String> refused, long seed) {
    ObjectNode request = ConversationGenerator.request(seed);
    ProviderRequest translated;
    try {
      translated =
          dialect.translateRequest(
              ModelRequest.parse(Operation.CHAT, ProviderJson.MAPPER.writeValueAsBytes(request)));
    } catch (InvalidInputException e) {
      assertThat(e.errors()).allMatch(error -> isRefused(error, request, refused));
      return;
    }
    JsonNode body = ProviderJson.MAPPER.readTree(translated.body());
    try {
      List<String> received = ProviderTranscript.of(vendor, body);
      Warnings warnings = new Warnings(translated.warnings());
      requireSame(ClientTranscript.of(request, vendor), received, warnings);
      assertThat(warnings.count("is moved to the system")).isEqualTo(movedInstructions(request));
    } catch (AssertionError e) {
      throw new AssertionError(
          "%s%n%s%n%s%n%s"
              .formatted(
                  e.getMessage(),
                  request.toPrettyString(),
                  body.toPrettyString(),
                  translated.warnings()),
          e);
    }
  }

  private static boolean isRefused(
      FieldError error, ObjectNode request, Map<String, String> refused) {
    String pointer = "/" + error.field().replace("]", "").replaceAll("[.\\[]", "/");
    String text = refused.get(withoutIndexes(error.field()));
    return text != null && request.at(pointer).toString().contains(text);
  }

  /// Requires that the provider receives all lines, except those that a warning names.
  private static void requireSame(List<Entry> sent, List<String> received, Warnings warnings) {
    int at = 0;
    for (Entry entry : sent) {
      List<String> rest = received.subList(at, received.size());
      if (!rest.isEmpty() && rest.getFirst().equals(entry.line())) {
        at++;
      } else if (!warnings.take(entry.path())) {
        fail("%s is lost without a warning:%n%s%nbefore%n%s", entry.path(), entry.line(), rest);
      } else if (entry.path().equals("temperature")) {
        // The only member that the provider receives with another value.
        assertThat(rest.getFirst()).isEqualTo("temperature 1");
        at++;
      }
    }
    assertThat(received.subList(at, received.size())).as("added lines").isEmpty();
    assertThat(warnings.count("is ignored")).as("members that are ignored, but carried").isZero();
  }

  /// The number of messages with instructions within the dialogue, which lose their place.
  private static long movedInstructions(ObjectNode request) {
    return request
        .path("messages")
        .valueStream()
        .dropWhile(ClientTranscript::isInstructions)
        .filter(ClientTranscript::isInstructions)
        .count();
  }

  private static String withoutIndexes(String path) {
    return path.replaceAll("\\d+", "");
  }

  /// The warnings of a translation, each of which stands for a number of members.
  private static final class Warnings {
    private static final Pattern FORM =
        Pattern.compile(
            "(?<path>\\S+) (?<reason>.*?)( \\(also at (?<more>\\d+) more places\\))?",
            Pattern.DOTALL);

    private record Warning(String path, String reason) {}

    private final List<Warning> unused = new ArrayList<>();

    Warnings(List<String> texts) {
      for (String text : texts) {
        Matcher matcher = FORM.matcher(text);
        assertThat(matcher.matches()).as(text).isTrue();
        int more = matcher.group("more") == null ? 0 : Integer.parseInt(matcher.group("more"));
        for (int i = 0; i <= more; i++) {
          unused.add(new Warning(withoutIndexes(matcher.group("path")), matcher.group("reason")));
        }
      }
    }

    /// Uses a warning that names this member, if there is one.
    boolean take(String path) {
      for (Warning warning : unused) {
        if (warning.path.equals(withoutIndexes(path))) {
          return unused.remove(warning);
        }
      }
      return false;
    }

    /// The number of unused warnings of a kind.
    long count(String reason) {
      return unused.stream().filter(warning -> warning.reason.startsWith(reason)).count();
    }
  }
}
