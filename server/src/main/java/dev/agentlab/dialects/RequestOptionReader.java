package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.RequestOption;
import dev.agentlab.errors.InvalidInputException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// The options of a request that a writer has not translated yet. Each is removed when it is
/// translated, so that the writer can decide about the remaining ones.
final class RequestOptionReader {
  private final Map<RequestOption, Member<JsonNode>> remaining = new EnumMap<>(RequestOption.class);
  private final TranslationWarnings warnings;

  /// @param warnings collects the warnings about ignored options
  RequestOptionReader(ChatRequest request, TranslationWarnings warnings) {
    remaining.putAll(request.options());
    this.warnings = warnings;
  }

  /// The options that have not been translated, in order.
  List<RequestOption> remaining() {
    return new ArrayList<>(remaining.keySet());
  }

  /// Removes an option; empty if it is not set.
  Optional<Member<JsonNode>> take(RequestOption option) {
    return Optional.ofNullable(remaining.remove(option));
  }

  /// Removes an option and returns its value; a missing node if it is not set.
  JsonNode takeValue(RequestOption option) {
    return take(option).<JsonNode>map(Member::value).orElse(MissingNode.getInstance());
  }

  /// Moves an option unchanged to an object of the provider's request, under the name `as`.
  void move(RequestOption option, ObjectNode to, String as) {
    take(option).ifPresent(member -> to.set(as, member.value()));
  }

  /// Removes an option that the provider does not support.
  ///
  /// @throws InvalidInputException if it has an effect
  void reject(RequestOption option, String message) {
    take(option)
        .filter(member -> hasEffect(option, member.value()))
        .ifPresent(member -> {
          throw new InvalidInputException(member.path(), message);
        });
  }

  /// Removes an option that has only one supported value.
  ///
  /// @throws InvalidInputException if it has another value
  void requireOne(RequestOption option, String message) {
    take(option)
        .filter(member -> member.value().decimalValue().compareTo(BigDecimal.ONE) != 0)
        .ifPresent(member -> {
          throw new InvalidInputException(member.path(), message);
        });
  }

  /// Removes an option that the provider does not support, and adds a warning if it has an effect.
  void ignore(RequestOption option, String reason) {
    take(option)
        .filter(member -> hasEffect(option, member.value()))
        .ifPresent(member -> warnings.addIgnored(member.path(), reason));
  }

  /// Whether a value differs from an absent one. An empty object asks for a web search with the
  /// defaults.
  private static boolean hasEffect(RequestOption option, JsonNode value) {
    return option == RequestOption.WEB_SEARCH || RequestMemberReader.hasEffect(value);
  }
}
