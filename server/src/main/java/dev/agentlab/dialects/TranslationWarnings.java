package dev.agentlab.dialects;

import dev.agentlab.conversation.ContentPart.ImagePart;
import dev.agentlab.conversation.ContentPart.ToolResultPart;
import dev.agentlab.conversation.Extensions;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.ReplayData;
import dev.agentlab.conversation.UnreadMembers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The warnings about a request that a provider supports only in part. Each combination of member
/// and reason is reported once, however many messages of a conversation have the member.
final class TranslationWarnings {
  private final Map<String, Warning> warnings = new LinkedHashMap<>();

  private record Warning(String message, int times) {
    Warning repeated() {
      return new Warning(message, times + 1);
    }

    @Override
    public String toString() {
      return times == 1 ? message : "%s (also at %d more places)".formatted(message, times - 1);
    }
  }

  /// @param path the path in the request
  /// @param what the rest of a sentence that begins with the path
  void add(String path, String what) {
    warnings.merge(
        withoutIndexes(path) + " " + what,
        new Warning(path + " " + what, 1),
        (first, _) -> first.repeated());
  }

  /// Adds a warning about a member that is ignored.
  void addIgnored(String path, String reason) {
    add(path, "is ignored: " + reason);
  }

  /// Adds a warning for each member of an element that has an effect, and that the provider does
  /// not support.
  void addIgnored(UnreadMembers unread, String reason) {
    unread
        .members()
        .forEachEntry((name, value) -> {
          if (!value.isNull() && RequestMemberReader.hasEffect(value)) {
            addIgnored(unread.path() + name, reason);
          }
        });
    unread.inner().ifPresent(inner -> addIgnored(inner, reason));
  }

  /// Adds a warning for each extension of an element of a provider that supports none.
  void addIgnored(Extensions extensions, String reason) {
    extensions.cacheMarker().ifPresent(marker -> addIgnored(marker.path(), reason));
    addIgnored(extensions.unread(), reason);
  }

  /// Adds a warning if an image asks for a level of detail, for a provider that has no such
  /// setting.
  void addIgnoredDetail(ImagePart image, String reason) {
    image
        .detail()
        .filter(detail -> !detail.value().equals("auto"))
        .ifPresent(detail -> addIgnored(detail.path(), reason));
  }

  /// Adds a warning if a tool result is an error, for a provider that does not tell them apart.
  void addIgnoredError(ToolResultPart result, String reason) {
    result.isError().filter(Member::value).ifPresent(isError -> addIgnored(isError.path(), reason));
  }

  /// Adds a warning if the client sends back only data of other vendors, which the provider cannot
  /// use.
  void addIgnoredReplay(ReplayData data, String vendor) {
    if (!data.byVendor().isEmpty() && !data.byVendor().has(vendor)) {
      addIgnored(data.path(), "it belongs to another provider");
    }
  }

  private static String withoutIndexes(String path) {
    StringBuilder without = new StringBuilder(path.length());
    boolean inBrackets = false;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      inBrackets = c == '[' || (inBrackets && c >= '0' && c <= '9');
      if (!inBrackets || c == '[') {
        without.append(c);
      }
    }
    return without.toString();
  }

  List<String> messages() {
    return warnings.values().stream().map(Warning::toString).toList();
  }
}
