package dev.agentlab.dialects;

import com.google.re2j.Pattern;
import dev.agentlab.conversation.CacheMarker;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes the marks up to which a request is cached as blocks of Converse
/// (https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html).
final class BedrockCachePoints {
  private static final Pattern CLAUDE =
      Pattern.compile(".*anthropic\\.claude-(3-7-|3-5-haiku|3-5-sonnet-20241022|[a-z]+-[4-9]).*");
  private static final Pattern NOVA = Pattern.compile(".*amazon\\.nova-.*");

  /// Models that keep a cache for an hour.
  private static final Pattern LONG_LIVED =
      Pattern.compile(".*anthropic\\.claude-[a-z]+-(4-[5-9]|[5-9]).*");

  private static final String HOUR = "1h";

  private final boolean isClaude;
  private final boolean isNova;
  private final boolean keepsForAnHour;
  private final TranslationWarnings warnings;

  BedrockCachePoints(String model, TranslationWarnings warnings) {
    isClaude = CLAUDE.matches(model);
    isNova = NOVA.matches(model);
    keepsForAnHour = LONG_LIVED.matches(model);
    this.warnings = warnings;
  }

  /// Adds a mark after a block of the system prompt or of a message.
  void add(CacheMarker marker, ArrayNode blocks) {
    add(marker, blocks, isClaude || isNova);
  }

  /// Adds a mark after a tool.
  void addToTools(CacheMarker marker, ArrayNode tools) {
    add(marker, tools, isClaude);
  }

  private void add(CacheMarker marker, ArrayNode blocks, boolean isSupported) {
    if (!isSupported) {
      warnings.addIgnored(marker.path(), "Bedrock does not cache it for this model");
      return;
    }
    ObjectNode point = blocks.addObject().putObject("cachePoint").put("type", "default");
    if (!marker.definition().path("ttl").stringValue("").equals(HOUR)) {
      return;
    }
    if (keepsForAnHour) {
      point.put("ttl", HOUR);
    } else {
      warnings.add(marker.path(), "lasts five minutes: the model keeps a cache for no longer");
    }
  }
}
